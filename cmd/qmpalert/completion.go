package main

import (
	"github.com/spf13/cobra"

	"github.com/qmpalert/qmpalert/internal/diag"
)

func completionCommand() *cobra.Command {
	shells := []string{"bash", "zsh", "fish", "powershell"}
	return &cobra.Command{
		Use:   "completion SHELL",
		Short: "Print a completion script for a shell",
		Long: `Prints a script that lets the shell complete verbs, flags and the names of
events. SHELL is bash, zsh, fish or powershell.`,
		Example: `  source <(qmpalert completion bash)
  qmpalert completion zsh > "${fpath[1]}/_qmpalert"
  qmpalert completion fish > ~/.config/fish/completions/qmpalert.fish`,
		Args:      arguments(1, 1, "which shell? bash, zsh, fish or powershell"),
		ValidArgs: shells,
		RunE: func(cmd *cobra.Command, args []string) error {
			root, out := cmd.Root(), cmd.OutOrStdout()
			switch args[0] {
			case "bash":
				return root.GenBashCompletionV2(out, true)
			case "zsh":
				return root.GenZshCompletion(out)
			case "fish":
				return root.GenFishCompletion(out, true)
			case "powershell":
				return root.GenPowerShellCompletionWithDesc(out)
			}
			return usage(diag.DidYouMean(args[0], shells), "completion: unknown shell %q: want bash, zsh, fish or powershell", args[0])
		},
	}
}
