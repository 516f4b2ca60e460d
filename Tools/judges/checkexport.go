// Checkexport checks the log of an export with Go's own note and tlog packages and nothing of ours:
// the signatures, every entry's hash up to the signed root, every tile, every older checkpoint.
//
//	GOPATH=/usr/share/gocode GO111MODULE=off go run checkexport.go FOLDER LOG-KEY [MANIFEST-KEY]
//
// The packages are Debian's golang-golang-x-mod-dev. Keys are written as in the export's README.txt.
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	tileHeight    = 8
	fileSizeMax   = 1 << 30
	entryCountMax = 256_000_000
)

// folder reads an export's files.
type folder string

func (f folder) read(name string) ([]byte, error) {
	path := filepath.Join(string(f), filepath.FromSlash(name))
	info, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > fileSizeMax {
		return nil, fmt.Errorf("%s is no file of at most %d bytes", name, fileSizeMax)
	}
	return os.ReadFile(path)
}

// tilePath is where tlog-tiles puts a tile: Go's path without the height, `data` called `entries`.
func tilePath(t tlog.Tile) string {
	path := "tile/" + strings.TrimPrefix(t.Path(), fmt.Sprintf("tile/%d/", tileHeight))
	return strings.Replace(path, "tile/data/", "tile/entries/", 1)
}

// tiles reads the hash tiles of a tree. Go's clients also ask for beginnings of a tile, which
// tlog-tiles need not serve: those are cut from the one tile that is there.
type tiles struct {
	folder
	size int64
}

func (t tiles) Height() int { return tileHeight }

func (t tiles) SaveTiles([]tlog.Tile, [][]byte) {}

func (t tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	all := make([][]byte, len(wanted))
	for i, tile := range wanted {
		there := tile
		there.W = 1 << tileHeight
		if left := t.size>>(tileHeight*tile.L) - tile.N<<tileHeight; left < int64(there.W) {
			there.W = int(left)
		}
		data, err := t.read(tilePath(there))
		if err != nil {
			return nil, err
		}
		if len(data) != there.W*tlog.HashSize || there.W < tile.W {
			return nil, fmt.Errorf("%s has %d bytes", tilePath(there), len(data))
		}
		all[i] = data[:tile.W*tlog.HashSize]
	}
	return all, nil
}

// openCheckpoint verifies a signed checkpoint: three lines, of which the first is the key's name.
func openCheckpoint(data []byte, key note.Verifier) (tlog.Tree, error) {
	var tree tlog.Tree
	opened, err := note.Open(data, note.VerifierList(key))
	if err != nil {
		return tree, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != key.Name() {
		return tree, fmt.Errorf("not a checkpoint of %s: %q", key.Name(), opened.Text)
	}
	if tree.N, err = strconv.ParseInt(lines[1], 10, 64); err != nil {
		return tree, err
	}
	if tree.N < 0 || tree.N > entryCountMax || strconv.FormatInt(tree.N, 10) != lines[1] {
		return tree, fmt.Errorf("not a size of at most %d: %s", entryCountMax, lines[1])
	}
	tree.Hash, err = tlog.ParseHash(lines[2])
	return tree, err
}

// checkEntries hashes every entry of every bundle and gives all hashes of the tree over them.
func checkEntries(f folder, size int64) (tlog.HashReaderFunc, error) {
	var stored []tlog.Hash
	reader := func(indexes []int64) ([]tlog.Hash, error) {
		hashes := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			if index >= int64(len(stored)) {
				return nil, errors.New("a hash that is not there")
			}
			hashes[i] = stored[index]
		}
		return hashes, nil
	}
	for n := int64(0); n < size; {
		bundle := tlog.Tile{H: tileHeight, L: -1, N: n >> tileHeight, W: 1 << tileHeight}
		if size-n < int64(bundle.W) {
			bundle.W = int(size - n)
		}
		name := tilePath(bundle)
		data, err := f.read(name)
		if err != nil {
			return nil, err
		}
		for i := 0; i < bundle.W; i++ {
			if len(data) < 2 || len(data)-2 < int(data[0])<<8+int(data[1]) {
				return nil, fmt.Errorf("%s ends within its entry %d", name, i)
			}
			end := 2 + int(data[0])<<8 + int(data[1])
			hashes, err := tlog.StoredHashes(n, data[2:end], tlog.HashReaderFunc(reader))
			if err != nil {
				return nil, err
			}
			stored = append(stored, hashes...)
			data = data[end:]
			n++
		}
		if len(data) > 0 {
			return nil, fmt.Errorf("%s has %d bytes behind its entries", name, len(data))
		}
	}
	return reader, nil
}

// checkTiles compares every tile with the hashes that follow from the entries. A partial tile is
// there in the one width that the tree's size needs, while NewTiles lists the narrower ones as well.
func checkTiles(f folder, size int64, hashes tlog.HashReader) (int, error) {
	count := 0
	for _, t := range tlog.NewTiles(tileHeight, 0, size) {
		if t.W < 1<<tileHeight && t.N<<tileHeight+int64(t.W) < size>>(tileHeight*t.L) {
			continue
		}
		count++
		expected, err := tlog.ReadTileData(t, hashes)
		if err != nil {
			return 0, err
		}
		found, err := f.read(tilePath(t))
		if err != nil {
			return 0, err
		}
		if !bytes.Equal(expected, found) {
			return 0, fmt.Errorf("%s is not the tile of the entries", tilePath(t))
		}
	}
	return count, nil
}

// splitNotes cuts the file of checkpoints: an empty line ends each text, another each note.
func splitNotes(data []byte) ([][]byte, error) {
	var notes [][]byte
	for len(data) > 0 {
		text := bytes.Index(data, []byte("\n\n"))
		if text < 0 {
			return nil, errors.New("checkpoints: a note without its end")
		}
		signatures := bytes.Index(data[text+2:], []byte("\n\n"))
		if signatures < 0 {
			return nil, errors.New("checkpoints: a note without its end")
		}
		end := text + 2 + signatures + 1
		notes = append(notes, data[:end])
		data = data[end+1:]
	}
	return notes, nil
}

// checkHistory proves every older checkpoint consistent with the tree, by hashes read from tiles.
func checkHistory(f folder, tree tlog.Tree, key note.Verifier) (int, error) {
	data, err := f.read("checkpoints")
	if err != nil {
		return 0, err
	}
	notes, err := splitNotes(data)
	if err != nil {
		return 0, err
	}
	hashes := tlog.TileHashReader(tree, tiles{f, tree.N})
	for _, one := range notes {
		old, err := openCheckpoint(one, key)
		if err != nil {
			return 0, err
		}
		proof, err := tlog.ProveTree(tree.N, old.N, hashes)
		if err != nil {
			return 0, fmt.Errorf("the checkpoint of size %d: %w", old.N, err)
		}
		if err := tlog.CheckTree(proof, tree.N, tree.Hash, old.N, old.Hash); err != nil {
			return 0, fmt.Errorf("the checkpoint of size %d: %w", old.N, err)
		}
	}
	return len(notes), nil
}

// checkManifest verifies the note over the manifest, which must name this checkpoint.
func checkManifest(f folder, checkpoint string, key note.Verifier) error {
	data, err := f.read("verify/SHA256SUMS.note")
	if err != nil {
		return err
	}
	opened, err := note.Open(data, note.VerifierList(key))
	if err != nil {
		return err
	}
	sums, err := f.read("verify/SHA256SUMS")
	if err != nil {
		return err
	}
	digest := sha256.Sum256(sums)
	expected := "strongroom-export/v1\n" + checkpoint + base64.StdEncoding.EncodeToString(digest[:]) + "\n"
	if opened.Text != expected {
		return errors.New("the manifest's note is not about this checkpoint and verify/SHA256SUMS")
	}
	return nil
}

func check(f folder, keys []string) error {
	logKey, err := note.NewVerifier(keys[0])
	if err != nil {
		return err
	}
	data, err := f.read("checkpoint")
	if err != nil {
		return err
	}
	tree, err := openCheckpoint(data, logKey)
	if err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	fmt.Printf("checkpoint   signed by %s, %d entries\n", logKey.Name(), tree.N)
	hashes, err := checkEntries(f, tree.N)
	if err != nil {
		return err
	}
	root, err := tlog.TreeHash(tree.N, hashes)
	if err != nil {
		return err
	}
	if root != tree.Hash {
		return fmt.Errorf("the entries have the root %v, the checkpoint says %v", root, tree.Hash)
	}
	fmt.Printf("entries      hashed up to the root %v\n", root)
	count, err := checkTiles(f, tree.N, hashes)
	if err != nil {
		return err
	}
	fmt.Printf("tiles        %d, each as the entries make it\n", count)
	if count, err = checkHistory(f, tree, logKey); err != nil {
		return err
	}
	fmt.Printf("checkpoints  %d, each consistent with the newest\n", count)
	if len(keys) > 1 {
		manifestKey, err := note.NewVerifier(keys[1])
		if err != nil {
			return err
		}
		text := string(data[:bytes.Index(data, []byte("\n\n"))+1])
		if err := checkManifest(f, text, manifestKey); err != nil {
			return err
		}
		fmt.Printf("manifest     signed by %s\n", manifestKey.Name())
	}
	return nil
}

func main() {
	if len(os.Args) < 3 || len(os.Args) > 4 {
		fmt.Fprintln(os.Stderr, "usage: checkexport FOLDER LOG-KEY [MANIFEST-KEY]")
		os.Exit(2)
	}
	if err := check(folder(os.Args[1]), os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, "checkexport:", err)
		os.Exit(1)
	}
	fmt.Println("All of it holds.")
}
