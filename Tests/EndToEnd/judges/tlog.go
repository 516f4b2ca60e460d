// Judges a tlog-proof by golang.org/x/mod/sumdb's note and tlog: the signature of the checkpoint,
// its tree, and the inclusion of the entry. The cosigner's note is judged by its signed message.
//
// usage: tlog PROOF ENTRY LOG-VERIFIER-KEY
package main

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func fail(format string, values ...interface{}) {
	fmt.Fprintf(os.Stderr, format+"\n", values...)
	os.Exit(1)
}

func hash(line string) tlog.Hash {
	raw, err := base64.StdEncoding.DecodeString(line)
	if err != nil || len(raw) != 32 {
		fail("no hash: %q", line)
	}
	var h tlog.Hash
	copy(h[:], raw)
	return h
}

func main() {
	proof, err := os.ReadFile(os.Args[1])
	if err != nil {
		fail("%v", err)
	}
	entry, err := os.ReadFile(os.Args[2])
	if err != nil {
		fail("%v", err)
	}
	parts := bytes.SplitN(proof, []byte("\n\n"), 2)
	if len(parts) != 2 {
		fail("no empty line")
	}
	lines := strings.Split(string(parts[0]), "\n")
	if lines[0] != "c2sp.org/tlog-proof@v1" {
		fail("no tlog-proof: %q", lines[0])
	}
	lines = lines[1:]
	if strings.HasPrefix(lines[0], "extra ") {
		lines = lines[1:]
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[0], "index "), 10, 64)
	if err != nil {
		fail("%v", err)
	}
	var path tlog.RecordProof
	for _, line := range lines[1:] {
		path = append(path, hash(line))
	}
	verifier, err := note.NewVerifier(os.Args[3])
	if err != nil {
		fail("%v", err)
	}
	opened, err := note.Open(parts[1], note.VerifierList(verifier))
	if err != nil {
		fail("%v", err)
	}
	text := strings.Split(opened.Text, "\n")
	size, err := strconv.ParseInt(text[1], 10, 64)
	if err != nil {
		fail("%v", err)
	}
	err = tlog.CheckRecord(path, size, hash(text[2]), index, tlog.RecordHash(entry))
	if err != nil {
		fail("%v", err)
	}
	fmt.Printf("%s %d of %d, %d other signatures\n", text[0], index, size,
		len(opened.UnverifiedSigs))
}
