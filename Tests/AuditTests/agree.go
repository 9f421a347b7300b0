// SPDX-License-Identifier: Apache-2.0

// agree holds our tree, proofs and notes against golang.org/x/mod/sumdb, an implementation of others.
//
// It reads lines from a file: "leaf DATA", "root SIZE HASH", "leafproof SIZE INDEX HASH…",
// "treeproof SIZE OLD HASH…"; checks every proof, makes each one itself and compares. Then it opens the
// signed note NOTE with the key VKEY, and writes a note of its own.
//
//	GO111MODULE=off GOPATH=/usr/share/gocode go run agree.go FILE NOTE VKEY OUT
package main

import (
	"bufio"
	"crypto/rand"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func must(err error) {
	if err != nil {
		fmt.Println("disagree:", err)
		os.Exit(1)
	}
}

func hashes(texts []string) []tlog.Hash {
	out := make([]tlog.Hash, len(texts))
	for i, text := range texts {
		h, err := tlog.ParseHash(text)
		must(err)
		out[i] = h
	}
	return out
}

func same(a, b []tlog.Hash) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

func main() {
	var leaves, stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			out[i] = stored[index]
		}
		return out, nil
	})
	file, err := os.Open(os.Args[1])
	must(err)
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	count := map[string]int{}
	for lines.Scan() {
		f := strings.Split(lines.Text(), " ")
		count[f[0]]++
		if f[0] == "leaf" {
			data := []byte(strings.Join(f[1:], " "))
			more, err := tlog.StoredHashes(int64(len(leaves)), data, reader)
			must(err)
			stored = append(stored, more...)
			leaves = append(leaves, tlog.RecordHash(data))
			continue
		}
		size, err := strconv.ParseInt(f[1], 10, 64)
		must(err)
		root, err := tlog.TreeHash(size, reader)
		must(err)
		switch f[0] {
		case "root":
			if root.String() != f[2] {
				must(fmt.Errorf("root of %d: %v and %v", size, root, f[2]))
			}
		case "leafproof":
			index, err := strconv.ParseInt(f[2], 10, 64)
			must(err)
			proof := hashes(f[3:])
			must(tlog.CheckRecord(proof, size, root, index, leaves[index]))
			own, err := tlog.ProveRecord(size, index, reader)
			must(err)
			if !same(proof, own) {
				must(fmt.Errorf("proof of %d in %d", index, size))
			}
		case "treeproof":
			old, err := strconv.ParseInt(f[2], 10, 64)
			must(err)
			oldRoot, err := tlog.TreeHash(old, reader)
			must(err)
			proof := hashes(f[3:])
			must(tlog.CheckTree(proof, size, root, old, oldRoot))
			own, err := tlog.ProveTree(size, old, reader)
			must(err)
			if !same(proof, own) {
				must(fmt.Errorf("proof from %d to %d", old, size))
			}
		}
	}
	must(lines.Err())

	text, err := os.ReadFile(os.Args[2])
	must(err)
	verifier, err := note.NewVerifier(os.Args[3])
	must(err)
	opened, err := note.Open(text, note.VerifierList(verifier))
	must(err)
	if len(opened.Sigs) != 1 {
		must(fmt.Errorf("%d signatures", len(opened.Sigs)))
	}
	skey, vkey, err := note.GenerateKey(rand.Reader, "other.example/log")
	must(err)
	signer, err := note.NewSigner(skey)
	must(err)
	root, err := tlog.TreeHash(int64(len(leaves)), reader)
	must(err)
	signed, err := note.Sign(&note.Note{
		Text: fmt.Sprintf("other.example/log\n%d\n%v\n", len(leaves), root)}, signer)
	must(err)
	must(os.WriteFile(os.Args[4], append([]byte(vkey+"\n"), signed...), 0o600))
	fmt.Println("agree:", count["root"], count["leafproof"], count["treeproof"])
}
