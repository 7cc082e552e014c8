package subtitles

import "strings"

// preferred are the encodings that are looked for, those first that win when two
// explain a text equally well.
var preferred = []string{
	"windows-1252", "windows-1251", "windows-1250", "shift_jis", "gb18030", "big5", "euc-kr", "windows-1256", "windows-1255",
	"windows-1253", "windows-1254", "euc-jp", "koi8-r", "koi8-u", "iso-8859-2", "iso-8859-5", "iso-8859-6", "iso-2022-jp",
	"windows-1257", "windows-1258", "windows-874", "ibm866",
}

// written are the encodings that languages are written in, the usual one first.
var written = map[string]string{
	"ru uk be bg mk kk ky mn tg": "windows-1251 koi8-r koi8-u ibm866 iso-8859-5",
	"sr":                         "windows-1250 windows-1251 iso-8859-2 iso-8859-5",
	"pl cs sk hu ro hr sl bs sq": "windows-1250 iso-8859-2",
	"ja":                         "shift_jis euc-jp iso-2022-jp",
	"zh yue":                     "gb18030 big5",
	"ko":                         "euc-kr",
	"ar fa ur ckb":               "windows-1256 iso-8859-6",
	"he yi":                      "windows-1255",
	"el":                         "windows-1253",
	"tr az":                      "windows-1254",
	"th":                         "windows-874",
	"vi":                         "windows-1258",
	"lt lv et":                   "windows-1257",
	"en de fr es it pt nl sv no nb nn da fi is ca gl eu ga af id ms": "windows-1252",
}

// candidates are the encodings of a language; nil: it is not known.
func candidates(language string) []string {
	base, _, _ := strings.Cut(language, "-")
	for list, encodings := range written {
		for one := range strings.FieldsSeq(list) {
			if one == base {
				found := strings.Fields(encodings)
				if language == "zh-TW" || language == "zh-HK" || strings.HasPrefix(language, "zh-Hant") {
					found = []string{"big5", "gb18030"}
				}
				return found
			}
		}
	}
	return nil
}
