package config

import "testing"

func TestSizes(t *testing.T) {
	for text, want := range map[string]int64{
		"2GB": 2e9, "2 GB": 2e9, "1GiB": 1 << 30, "64MB": 64e6, "3KiB": 3072, "1TB": 1e12, "7B": 7,
		"2": -1, "GB": -1, "-1GB": -1, "1.5GB": -1, "2G": -1, "2gb": -1, "": -1, "9999999999TB": -1, "8388608TiB": -1, "8388607TiB": 8388607 << 40,
	} {
		got, ok := parseSize(text)
		if !ok {
			got = -1
		}
		if got != want {
			t.Errorf("%q is %d bytes, want %d", text, got, want)
		}
	}
}
