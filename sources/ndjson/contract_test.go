package ndjson_test

import (
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"

	"github.com/qmpalert/qmpalert/sources/ndjson"
	"github.com/qmpalert/qmpalert/sources/sourcetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestContract(t *testing.T) {
	sourcetest.Test(t, func(t *testing.T) *sourcetest.Rig {
		path := filepath.Join(t.TempDir(), "db1.ndjson")
		return &sourcetest.Rig{
			Source: ndjson.NewSource(path, ndjson.Options{Host: "kvm07"}),
			Host:   "kvm07", VM: "db1", Origin: "file:" + path,
			Feed: func(text string) {
				if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
					t.Error(err)
				}
			},
		}
	})
}

// TestFollowContract: a file that grows is a live source that waits.
func TestFollowContract(t *testing.T) {
	sourcetest.Test(t, func(t *testing.T) *sourcetest.Rig {
		path := filepath.Join(t.TempDir(), "db1.ndjson")
		var now atomic.Int64
		f, err := ndjson.Follow(ndjson.FollowConfig{Pattern: path, Host: "kvm07", Now: func() int64 { return now.Add(1) }})
		if err != nil {
			t.Fatal(err)
		}
		return &sourcetest.Rig{
			Source: f, Host: "kvm07", VM: "db1", Origin: "file:" + path, Live: true, Waits: true,
			Feed: func(text string) {
				if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
					t.Error(err)
				}
			},
		}
	})
}
