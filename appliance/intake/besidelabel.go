package intake

import (
	"strings"
	"unicode"

	"golang.org/x/text/language"
)

// subtitleLabel is what a file's name says of subtitles.
type subtitleLabel struct {
	language  string // BCP 47; "": not told
	name      string // what else it says
	kind      string // full, forced or sdh
	byDefault bool
}

// labelOf reads what stands behind the film's name: ".en", ".pt-BR.forced",
// "_German (SDH)", ".zh-Hans.Director's comment".
func labelOf(rest string) subtitleLabel {
	l := subtitleLabel{kind: "full"}
	var names []string
	hindi := false // "hi" is Hindi, or for the hard of hearing
	words := strings.FieldsFunc(rest, func(r rune) bool { return strings.ContainsRune("._[](){},+ ", r) || unicode.IsControl(r) })
	for _, word := range words {
		lower := strings.ToLower(word)
		switch lower {
		case "forced", "foreign":
			l.kind = "forced"
			continue
		case "sdh", "cc":
			l.kind = "sdh"
			continue
		case "hi":
			hindi = true
			continue
		case "default":
			l.byDefault = true
			continue
		}
		if tag := languageNamed(lower); tag != "" && l.language == "" {
			l.language = tag
		} else if strings.Trim(word, "0123456789-") != "" {
			names = append(names, word)
		}
	}
	switch {
	case hindi && l.language == "":
		l.language = "hi"
	case hindi:
		l.kind = "sdh"
	}
	l.name = strings.TrimSpace(cleanText(strings.Join(names, " "), titleRunes))
	return l
}

// languageNamed reads a tag ("de", "ger", "deu", "pt-br") or a language's name;
// "" for any other word.
func languageNamed(lower string) string {
	if tag, known := languageNames[lower]; known {
		return tag
	}
	base, _, _ := strings.Cut(lower, "-")
	if len(base) < 2 || len(base) > 3 || len(lower) > 12 {
		return ""
	}
	tag, err := language.Parse(lower)
	if err != nil {
		return ""
	}
	switch text := tag.String(); text {
	case "und", "mul", "zxx", "mis":
		return ""
	default:
		return text
	}
}

// languageNames are the words by which files name languages: in English, and the language's own.
var languageNames = func() map[string]string { //nolint:gochecknoglobals // a constant table
	names := map[string]string{}
	for line := range strings.Lines(`
ar arabic العربية
bg bulgarian български
cs czech čeština cesky
da danish dansk
de german deutsch
el greek ελληνικά
en english
es spanish español espanol castellano
et estonian eesti
fa persian farsi فارسی
fi finnish suomi
fr french français francais
he hebrew עברית
hi hindi हिन्दी
hr croatian hrvatski
hu hungarian magyar
id indonesian indonesia
is icelandic íslenska
it italian italiano
ja japanese 日本語
ko korean 한국어
lt lithuanian lietuvių
lv latvian latviešu
ms malay melayu
nb norwegian norsk
nl dutch nederlands flemish
pl polish polski
pt portuguese português
pt-BR brazilian
ro romanian română
ru russian русский
sk slovak slovenčina
sl slovenian slovenščina
sr serbian srpski српски
sv swedish svenska
th thai ไทย
tr turkish türkçe turkce
uk ukrainian українська
ur urdu اردو
vi vietnamese
zh chinese mandarin 中文
zh-Hans 简体 chs
zh-Hant 繁體 cht`) {
		if fields := strings.Fields(line); len(fields) > 1 {
			for _, word := range fields[1:] {
				names[word] = fields[0]
			}
		}
	}
	return names
}()
