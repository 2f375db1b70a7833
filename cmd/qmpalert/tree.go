package main

import (
	"fmt"
	"io"
)

// node is a line of a tree, further lines of the same node, and what is below.
type node struct {
	line  string
	more  []string
	below []*node
}

func newNode(format string, args ...any) *node { return &node{line: fmt.Sprintf(format, args...)} }

// say adds a line of the same node; nothing for "".
func (n *node) say(line string) {
	if line != "" {
		n.more = append(n.more, line)
	}
}

// add puts a node below and returns it.
func (n *node) add(format string, args ...any) *node {
	child := newNode(format, args...)
	n.below = append(n.below, child)
	return child
}

// print draws the tree.
func (n *node) print(w io.Writer) { n.draw(w, "", "") }

// draw prints a node: first stands before its first line, rest before all others.
func (n *node) draw(w io.Writer, first, rest string) {
	fmt.Fprintln(w, first+n.line)
	bar := "   "
	if len(n.below) > 0 {
		bar = "│  "
	}
	for _, line := range n.more {
		fmt.Fprintln(w, rest+bar+line)
	}
	for i, child := range n.below {
		if i == len(n.below)-1 {
			child.draw(w, rest+"└─ ", rest+"   ")
		} else {
			child.draw(w, rest+"├─ ", rest+"│  ")
		}
	}
}
