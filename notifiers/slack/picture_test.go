package slack

import (
	"cmp"
	"crypto/sha256"
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	images = "../../docs/images"
	taken  = "testdata/pictures.txt" // which page each picture was taken of
)

// TestPictures: each page of TestPreviews has a picture in the manual, and the
// picture is of the page as it is now. With -update Chromium takes those that
// are not.
func TestPictures(t *testing.T) {
	manual, err := os.ReadFile("../../docs/slack.md")
	if err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(taken)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	var now []string
	for _, s := range shots {
		page, err := os.ReadFile("testdata/preview-" + s.name + ".html")
		if err != nil {
			t.Fatal(err)
		}
		name := "slack-" + s.name + ".png"
		line := fmt.Sprintf("%x %s", sha256.Sum256(page), name)
		now = append(now, line)
		if !strings.Contains(string(before), line) {
			if flag.Lookup("update").Value.String() != "true" {
				t.Errorf("%s shows another page than preview-%s.html (go test -update takes it with chromium)", name, s.name)
			} else {
				take(t, s.name, filepath.Join(images, name))
			}
		}
		if info, err := os.Stat(filepath.Join(images, name)); err != nil || info.Size() > 100_000 {
			t.Errorf("%s: %v", name, err)
		}
		if !strings.Contains(string(manual), "](images/"+name+")") {
			t.Errorf("docs/slack.md does not show %s", name)
		}
	}
	if flag.Lookup("update").Value.String() == "true" && !t.Failed() {
		if err := os.WriteFile(taken, []byte(strings.Join(now, "\n")+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// take is a picture of a page, cut below its text and with 256 colours.
func take(t *testing.T, name, to string) {
	t.Helper()
	page, err := filepath.Abs("testdata/preview-" + name + ".html")
	if err != nil {
		t.Fatal(err)
	}
	raw := filepath.Join(t.TempDir(), "raw.png")
	out, err := exec.CommandContext(t.Context(), "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
		"--window-size=736,1600", "--screenshot="+raw, "file://"+page).CombinedOutput()
	if err != nil {
		t.Fatalf("chromium: %v\n%s", err, out)
	}
	f, err := os.Open(raw)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	picture, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	w, err := os.Create(to)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	enc := png.Encoder{CompressionLevel: png.BestCompression}
	if err := enc.Encode(w, small(picture)); err != nil {
		t.Fatal(err)
	}
}

// small keeps the rows down to the last that is not white, and 256 colours.
func small(in image.Image) image.Image {
	b := in.Bounds()
	white := color.RGBA{255, 255, 255, 255}
	count, bottom := map[color.RGBA]int{}, b.Min.Y
	at := func(x, y int) color.RGBA { return color.RGBAModel.Convert(in.At(x, y)).(color.RGBA) }
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			c := at(x, y)
			count[c]++
			if c != white {
				bottom = y
			}
		}
	}
	colours := slices.SortedFunc(maps.Keys(count), func(a, b color.RGBA) int {
		return cmp.Or(cmp.Compare(count[b], count[a]), cmp.Compare(fmt.Sprint(a), fmt.Sprint(b)))
	})
	// Of colours that look alike one is enough, or the shades of an emoji would
	// leave none for a link.
	var palette color.Palette
	alike := map[[3]uint8]bool{}
	for _, c := range colours {
		k := [3]uint8{c.R >> 4, c.G >> 4, c.B >> 4}
		if !alike[k] && len(palette) < 256 {
			palette = append(palette, c)
			alike[k] = true
		}
	}
	out := image.NewPaletted(image.Rect(0, 0, b.Dx(), min(bottom+12, b.Max.Y)-b.Min.Y), palette)
	nearest := map[color.RGBA]uint8{}
	for y := range out.Rect.Dy() {
		for x := range out.Rect.Dx() {
			c := at(b.Min.X+x, b.Min.Y+y)
			i, ok := nearest[c]
			if !ok {
				i = uint8(palette.Index(c))
				nearest[c] = i
			}
			out.SetColorIndex(x, y, i)
		}
	}
	return out
}
