package state

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"

	"github.com/qmpalert/qmpalert/internal/store"
	"github.com/qmpalert/qmpalert/rules"
)

// ruleSet is a set of rule files as it is kept.
type ruleSet struct {
	// Since is the end of the log when it was last taken over.
	Since uint64     `json:"since"`
	Files []ruleFile `json:"files"`
}

type ruleFile struct {
	Name string `json:"name"`
	Src  []byte `json:"src"`
}

// HashRules names a set of rule files: by names and contents, in their order.
func HashRules(files []rules.File) string {
	h := sha256.New()
	for _, f := range files {
		for _, part := range [][]byte{[]byte(f.Name), f.Src} {
			h.Write(binary.AppendUvarint(nil, uint64(len(part))))
			h.Write(part)
		}
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// KeepRules keeps a set of rule files and returns the name by which checkpoints
// and entries of the log refer to it: HashRules. last is the position of the log
// behind which the entry will come that takes the set over. A set is forgotten
// when no checkpoint, and no entry behind the oldest checkpoint, can refer to it.
func (s *State) KeepRules(last uint64, files []rules.File) (hash string, err error) {
	hash = HashRules(files)
	set := ruleSet{Since: last}
	for _, f := range files {
		set.Files = append(set.Files, ruleFile{f.Name, f.Src})
	}
	return hash, s.writer.update(func(tx store.Tx) error { return putJSON(tx, rulesBucket, []byte(hash), set) })
}

// Rules returns the set of that name; nil when there is none.
func (s *State) Rules(hash string) (files []rules.File, err error) {
	err = s.db.View(func(tx store.Tx) error {
		var set ruleSet
		if b := tx.Get(rulesBucket, []byte(hash)); b == nil || json.Unmarshal(b, &set) != nil {
			return nil
		}
		files = []rules.File{} // a set without files is one
		for _, f := range set.Files {
			files = append(files, rules.File{Name: f.Name, Src: f.Src})
		}
		return nil
	})
	return files, err
}

// forgetRules removes the sets that nothing can refer to: none of the
// checkpoints in use names it, and the log is not needed from so far back.
func (s *State) forgetRules(inUse map[string]bool, needed uint64) error {
	return s.writer.update(func(tx store.Tx) error {
		var gone [][]byte
		err := tx.Each(rulesBucket, nil, func(key, value []byte) error {
			var set ruleSet
			if json.Unmarshal(value, &set) == nil && !inUse[string(key)] && set.Since < needed {
				gone = append(gone, append([]byte{}, key...))
			}
			return nil
		})
		if err != nil {
			return err
		}
		return deleteAll(tx, rulesBucket, gone)
	})
}

func deleteAll(tx store.Tx, bucket string, keys [][]byte) error {
	for _, key := range keys {
		if err := tx.Delete(bucket, key); err != nil {
			return err
		}
	}
	return nil
}
