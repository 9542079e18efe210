// Check a ledger with golang.org/x/mod/sumdb: note and tlog know nothing of
// Tickmark. All pairs of inclusion and consistency proofs are made by the
// library from our tiles and checked against the signed root.
//
// usage: verify DIR/ledger [PAIRS_UP_TO]
package main

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type tiles struct{ root string }

func (t tiles) Height() int { return 8 }

func (t tiles) ReadTiles(want []tlog.Tile) ([][]byte, error) {
	var out [][]byte
	for _, w := range want {
		// The library's own layout has the height in front.
		p := strings.Replace(w.Path(), "tile/8/", "tile/", 1)
		b, err := os.ReadFile(filepath.Join(t.root, p))
		if err != nil {
			return nil, err
		}
		out = append(out, b)
	}
	return out, nil
}

func (t tiles) SaveTiles([]tlog.Tile, [][]byte) {}

func main() {
	log.SetFlags(0)
	root := os.Args[1]
	vkey, err := os.ReadFile(filepath.Join(root, "vkey"))
	check(err)
	v, err := note.NewVerifier(strings.TrimSpace(string(vkey)))
	check(err)
	msg, err := os.ReadFile(filepath.Join(root, "checkpoint"))
	check(err)
	n, err := note.Open(msg, note.VerifierList(v))
	check(err)
	line := strings.Split(n.Text, "\n")
	size, err := strconv.ParseInt(line[1], 10, 64)
	check(err)
	hash, err := base64.StdEncoding.DecodeString(line[2])
	check(err)
	tree := tlog.Tree{N: size}
	copy(tree.Hash[:], hash)
	if line[0] != v.Name() {
		log.Fatal("the origin is not the name of the key")
	}

	r := tlog.TileHashReader(tree, tiles{root})
	limit := int64(64)
	if len(os.Args) > 2 {
		limit, err = strconv.ParseInt(os.Args[2], 10, 64)
		check(err)
	}
	entries := leaves(root, size)
	pairs := 0
	for i := int64(0); i < size && i < limit; i++ {
		p, err := tlog.ProveRecord(size, i, r)
		check(err)
		check(tlog.CheckRecord(p, size, tree.Hash, i,
			tlog.RecordHash(entries[i])))
		pairs++
	}
	for m := int64(1); m <= size && m <= limit; m++ {
		old, err := tlog.TreeHash(m, r)
		check(err)
		p, err := tlog.ProveTree(size, m, r)
		check(err)
		check(tlog.CheckTree(p, size, tree.Hash, m, old))
		pairs++
	}
	fmt.Printf("%d %x\n%d proofs\n", size, hash, pairs)
}

func leaves(root string, size int64) [][]byte {
	var out [][]byte
	for n := int64(0); n*256 < size; n++ {
		w := size - n*256
		p := fmt.Sprintf("tile/entries/%03d", n)
		if w < 256 {
			p += fmt.Sprintf(".p/%d", w)
		}
		b, err := os.ReadFile(filepath.Join(root, p))
		check(err)
		for len(b) > 0 {
			l := binary.BigEndian.Uint16(b)
			out = append(out, b[2:2+l])
			b = b[2+l:]
		}
	}
	return out
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
