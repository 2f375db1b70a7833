package main

import (
	"github.com/spf13/cobra"

	"github.com/qmpalert/qmpalert/internal/schema"
)

func schemaCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schemas of rule files and of the configuration, for editors",
		Long: `Prints a JSON Schema (2020-12) of rule files, with the events of QEMU, their
members and the values of these inside, or of the configuration. An editor with a
YAML language server completes and checks with it what is being written.`,
		Example: `  qmpalert schema rules > rules.schema.json
  qmpalert schema config > config.schema.json

  # then as the first line of a rule file:
  # yaml-language-server: $schema=rules.schema.json

  # or for all files, in the settings of VS Code:
  "yaml.schemas": {"./rules.schema.json": ["rules/*.yml"]}`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(&cobra.Command{
		Use:   "rules",
		Short: "The schema of rule files and of files of tests",
		Args:  arguments(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := cmd.OutOrStdout().Write(schema.Rules())
			return err
		},
	})
	cmd.AddCommand(&cobra.Command{
		Use:   "config",
		Short: "The schema of the configuration",
		Args:  arguments(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := cmd.OutOrStdout().Write(schema.Config())
			return err
		},
	})
	return cmd
}
