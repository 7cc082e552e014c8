package wifi

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
)

const plain = "network=School\npassword=correct horse\ncountry=DE\n"

func wideText(order func(uint16) [2]byte, mark bool) string {
	s := plain
	var b []byte
	if mark {
		s = "\ufeff" + s
	}
	for _, u := range utf16.Encode([]rune(s)) {
		two := order(u)
		b = append(b, two[:]...)
	}
	return string(b)
}

func little(u uint16) [2]byte { return [2]byte{byte(u), byte(u >> 8)} }
func big(u uint16) [2]byte    { return [2]byte{byte(u >> 8), byte(u)} }

func TestWhatPeopleWriteIsUnderstood(t *testing.T) {
	school := Network{Name: "School", Password: "correct horse", Country: "DE"}
	key := strings.Repeat("0aF9", 16)
	tests := []struct {
		name, file string
		want       Network
	}{
		{"as it should be", plain, school},
		{"no line end at the end", strings.TrimSuffix(plain, "\n"), school},
		{"from Windows", strings.ReplaceAll(plain, "\n", "\r\n"), school},
		{"from an old Mac", strings.ReplaceAll(plain, "\n", "\r"), school},
		{"with a byte order mark", "\ufeff" + plain, school},
		{"UTF-16 with a mark", wideText(little, true), school},
		{"UTF-16, the other way round", wideText(big, true), school},
		{"UTF-16 without a mark", wideText(little, false), school},
		{"UTF-16, the other way round, without a mark", wideText(big, false), school},
		{"spaces everywhere", "  network =\tSchool  \n\n password= correct horse \t\n country = de\n", school},
		{"no-break spaces of a word processor", "network=\u00a0School\u00a0\npassword=\u00a0correct horse\ncountry=DE", school},
		{"quotes", "network=\"School\"\npassword='correct horse'\ncountry=\"DE\"", school},
		{"quotes turned round by a phone", "network=“School”\npassword=„correct horse“\ncountry=‘de’", school},
		{"capital letters", "NETWORK=School\nPassword=correct horse\nCOUNTRY=de", school},
		{"the words of wpa_supplicant", "ssid=\"School\"\npsk=\"correct horse\"\ncountry=DE", school},
		{"colons", "network: School\npassword: correct horse\ncountry: DE", school},
		{"in another order, with comments", "# our school\n; yes\ncountry=DE\npassword=correct horse\nnetwork=School", school},
		{"two files joined", plain + "\ufeff", school},
		{"an open network", "network=Hotel\n", Network{Name: "Hotel"}},
		{"an open network with an empty password", "network=Hotel\npassword=\n", Network{Name: "Hotel"}},
		{"spaces that are meant", "network=\" Hotel \"\npassword=\"        \"", Network{Name: " Hotel ", Password: "        "}},
		{"equals signs and quotes inside", "network=a=b\npassword=it's \"7=8\"", Network{Name: "a=b", Password: `it's "7=8"`}},
		{"one quote is part of the password", "network=a\npassword=\"1234567", Network{Name: "a", Password: `"1234567`}},
		{"the key itself", "network=a\npassword=" + key, Network{Name: "a", Password: key}},
		{"the shortest and the longest password", "network=a\npassword=" + strings.Repeat("x", 63), Network{Name: "a", Password: strings.Repeat("x", 63)}},
		{"a name of 32 bytes", "network=" + strings.Repeat("ü", 16), Network{Name: strings.Repeat("ü", 16)}},
		{"other letters", "network=Школа 5\npassword=пароль", Network{Name: "Школа 5", Password: "пароль"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, wrong, ok := Parse([]byte(tt.file))
			if !ok || got != tt.want || len(wrong) != 0 {
				t.Errorf("%+v, %v, %v, want %+v", got, wrong, ok, tt.want)
			}
			if again, _, ok := Parse(got.File()); !ok || again != got {
				t.Errorf("kept as %q it comes back as %+v", got.File(), again)
			}
		})
	}
}

func TestWhatIsWrongIsNamed(t *testing.T) {
	tests := []struct {
		name, file string
		want       []string // code@line
		usable     bool
	}{
		{"nothing in it", "", []string{"wifi_no_network@0"}, false},
		{"a picture", "\x89PNG\r\n\x1a\n\x00\x00", []string{"wifi_not_text@0"}, false},
		{"half a letter of UTF-16", "\xff\xfen\x00e", []string{"wifi_not_text@0"}, false},
		{"not UTF-8", "network=Caf\xe9", []string{"wifi_not_text@0"}, false},
		{"a book", strings.Repeat("# all work and no play\n", 200), []string{"wifi_not_text@0"}, false},
		{"a misspelt word", "metwork=School\npassword=12345678", []string{"wifi_line@1", "wifi_no_network@0"}, false},
		{"a misspelt password, which must not make it an open network", "network=School\npasword=12345678", []string{"wifi_line@2"}, false},
		{"a word too many", "network=School\n\nhello there\npassword=12345678", []string{"wifi_line@3"}, true},
		{"a name too long by a byte", "network=" + strings.Repeat("ü", 16) + "x", []string{"wifi_name@1"}, false},
		{"no name", "network=\npassword=12345678", []string{"wifi_name@1"}, false},
		{"a name with a control character", "network=a\x07b", []string{"wifi_name@1"}, false},
		{"a password of seven", "network=a\npassword=1234567", []string{"wifi_password@2"}, false},
		{"a password of 64 letters", "network=a\npassword=" + strings.Repeat("x", 64), []string{"wifi_password@2"}, false},
		{"a country that is none", "network=a\ncountry=UK", []string{"wifi_country@2"}, true},
		{"a country's name", "network=a\ncountry=Germany", []string{"wifi_country@2"}, true},
		{"twice", "network=a\nssid=b\n", []string{"wifi_twice@2"}, true},
		{"all at once", "network=a\npassword=1\ncountry=d e\nfoo", []string{"wifi_password@2", "wifi_country@3", "wifi_line@4"}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, wrong, ok := Parse([]byte(tt.file))
			var codes []string
			for _, w := range wrong {
				codes = append(codes, w.Code+"@"+string(rune('0'+w.Line)))
			}
			if ok != tt.usable || !slices.Equal(codes, tt.want) {
				t.Errorf("%v %q, want %v %q", ok, codes, tt.usable, tt.want)
			}
			if ok != (got.Name != "") {
				t.Errorf("usable %v, network %+v", ok, got)
			}
		})
	}
}

func TestTheFilesNameIsKnown(t *testing.T) {
	for name, want := range map[string]bool{
		"streambox-wifi.txt": true, "streambox-wifi.txt.txt": true, "StreamBox-WiFi.TXT": true, "streambox_wifi.txt": true,
		"streambox-wifi (1).txt": true, "streambox-wifi": false, "wifi.txt": false, "streambox-wifi.txt.bak": false,
		"._streambox-wifi.txt": false, "streambox-wifi.txt.txt.txt": false,
	} {
		if IsFile(name) != want {
			t.Errorf("%s: %v", name, !want)
		}
	}
}

// FuzzParse: whatever stands in the file, what comes out may be given to the
// system, every line that is named exists, and no sentence tells the password.
func FuzzParse(f *testing.F) {
	f.Add([]byte("network=School\npassword=correct horse\ncountry=DE\n"))
	f.Add([]byte("\xff\xfen\x00e\x00t\x00"))
	f.Add([]byte("\ufeffSSID: “a”\r\npsk='12345678'\r\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		n, wrong, ok := Parse(data)
		if !ok && n.Name+n.Password != "" {
			t.Errorf("not usable, and yet %+v", n)
		}
		if ok {
			if err := n.Check(); err != nil {
				t.Errorf("%+v: %v", n, err)
			}
			if again, left, ok := Parse(n.File()); !ok || again != n || len(left) > 0 {
				t.Errorf("kept as %q it comes back as %+v, %v, %v", n.File(), again, left, ok)
			}
		}
		content, _ := text(data)
		for _, w := range wrong {
			if w.Code == "" || w.Text == "" || w.Line < 0 || w.Line > len(lines(content)) {
				t.Errorf("%+v", w)
			}
		}
	})
}
