package subtitles

import (
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"
)

// What people say in films, in many languages.
var spoken = map[string]string{
	"de": "Wo ist das Mädchen geblieben?\nIch weiß es nicht, vielleicht über die Straße.\nDas ist doch unmöglich, hör auf!\nSchön, dass du wieder da bist. – Natürlich.",
	"fr": "Où est-elle passée ? Je ne sais pas.\nC'est déjà l'été, ça va être génial…\nVous n'êtes pas obligé d'être là, mon cœur.\nÀ bientôt, j'espère.",
	"es": "¿Dónde está la niña?\nNo lo sé, quizás mañana.\n¡Qué lástima! Ella también se marchó.\nTodavía estás aquí, señor.",
	"cs": "Kde je ta dívka? Nevím, možná zítra.\nTo není možné, přestaň už!\nŽlutý kůň běžel přes řeku.\nDěkuji, že jste přišli, příteli.",
	"pl": "Gdzie jest ta dziewczyna? Nie wiem, może później.\nTo niemożliwe, przestań już!\nDziękuję, że przyszłaś, myślałem o tobie.\nŹle się czuję, chodźmy stąd.",
	"ru": "Где эта девушка? Я не знаю, может быть завтра.\nЭтого не может быть, перестань!\nСпасибо, что вы пришли, мой друг.\nПойдём отсюда, здесь слишком темно.",
	"el": "Πού είναι το κορίτσι; Δεν ξέρω, ίσως αύριο.\nΑυτό είναι αδύνατον, σταμάτα!\nΕυχαριστώ που ήρθατε, φίλε μου.\nΠάμε να φύγουμε από εδώ.",
	"he": "איפה הילדה? אני לא יודע, אולי מחר.\nזה לא יכול להיות, תפסיק!\nתודה שבאתם, חבר שלי.\nבוא נלך מכאן, חשוך מדי.",
	"ar": "أين الفتاة؟ لا أعرف، ربما غدا.\nهذا مستحيل، توقف عن ذلك!\nشكرا لأنكم أتيتم يا صديقي.\nلنذهب من هنا، المكان مظلم جدا.",
	"tr": "Kız nerede? Bilmiyorum, belki yarın.\nBu imkânsız, artık bırak şunu!\nGeldiğiniz için teşekkür ederim, dostum.\nHadi gidelim, burası çok karanlık değil mi?",
	"ja": "あの女の子はどこですか。わかりません、たぶん明日でしょう。\nそんなことはありえない、やめてください。\n来てくれてありがとう、友よ。\nここから出ましょう、暗すぎます。",
	"zh": "那个女孩在哪里？我不知道，也许明天吧。\n这不可能，别再说了！\n谢谢你们来，我的朋友。\n我们走吧，这里太黑了。",
	"ko": "그 여자아이는 어디에 있어요? 몰라요, 아마 내일일 거예요.\n그럴 리가 없어요, 그만하세요!\n와 주셔서 고마워요, 친구.\n여기서 나가요, 너무 어두워요.",
}

// file puts lines into cues.
func file(lines string) string {
	var b strings.Builder
	for i := range 12 { // a minute of a film
		for j, line := range strings.Split(lines, "\n") {
			b.WriteString("1\r\n" + strings.ReplaceAll(stamp(time.Duration(4*i+j)*time.Second), ".", ",") + " --> 01:00:00,000\r\n<i>" + line + "</i>\r\n\r\n")
		}
	}
	return b.String()
}

func TestEncodingsAreFoundOut(t *testing.T) {
	tests := []struct {
		name, language string
		e              encoding.Encoding
		want           string
		unnamed        bool // found without the language too
	}{
		{"Windows-1252, German", "de", charmap.Windows1252, "windows-1252", true},
		{"Windows-1252, French", "fr", charmap.Windows1252, "windows-1252", true},
		{"Windows-1252, Spanish", "es", charmap.Windows1252, "windows-1252", true},
		{"Windows-1250, Czech", "cs", charmap.Windows1250, "windows-1250", true},
		{"Windows-1250, Polish", "pl", charmap.Windows1250, "windows-1250", true},
		{"ISO-8859-2, Polish", "pl", charmap.ISO8859_2, "iso-8859-2", false},
		{"Windows-1251, Russian", "ru", charmap.Windows1251, "windows-1251", true},
		{"KOI8-R, Russian", "ru", charmap.KOI8R, "koi8-r", true},
		{"Windows-1253, Greek", "el", charmap.Windows1253, "windows-1253", true},
		{"Windows-1254, Turkish", "tr", charmap.Windows1254, "windows-1254", true},
		{"Windows-1255, Hebrew", "he", charmap.Windows1255, "windows-1255", true},
		{"Windows-1256, Arabic", "ar", charmap.Windows1256, "windows-1256", true},
		{"Shift_JIS, Japanese", "ja", japanese.ShiftJIS, "shift_jis", true},
		{"EUC-JP, Japanese", "ja", japanese.EUCJP, "euc-jp", true},
		{"GB 18030, Chinese", "zh", simplifiedchinese.GB18030, "gb18030", true},
		{"EUC-KR, Korean", "ko", korean.EUCKR, "euc-kr", true},
		{"UTF-16LE with a mark", "ru", unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), "utf-16le", true},
		{"UTF-16BE with a mark", "ja", unicode.UTF16(unicode.BigEndian, unicode.UseBOM), "utf-16be", true},
		{"UTF-16LE without one", "ar", unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), "utf-16le", true},
		{"UTF-16BE without one", "zh", unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM), "utf-16be", true},
		{"UTF-8", "ja", encoding.Nop, "utf-8", true},
		{"UTF-8 with a mark", "cs", unicode.UTF8BOM, "utf-8", true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			text := file(spoken[test.language])
			data, err := encoding.ReplaceUnsupported(test.e.NewEncoder()).Bytes([]byte(text))
			if err != nil {
				t.Fatal(err)
			}
			for _, language := range []string{test.language, ""} {
				if language == "" && !test.unnamed {
					continue
				}
				for range 3 { // equals must not come out differently each time
					got, name := Decode(data, language)
					if name != test.want || got != text {
						t.Fatalf("language %q: taken for %s: %.120q", language, name, got)
					}
				}
			}
		})
	}
}

func TestTraditionalChineseIsFoundByItsName(t *testing.T) {
	text := file("那個女孩在哪裡？我不知道，也許明天吧。\n這不可能，別再說了！\n謝謝你們來，我的朋友。")
	data, err := traditionalchinese.Big5.NewEncoder().Bytes([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	for _, language := range []string{"zh-TW", "zh", ""} {
		if got, name := Decode(data, language); got != text {
			t.Errorf("language %q: taken for %s", language, name)
		}
	}
}

func TestBrokenUTF8IsStillUTF8(t *testing.T) {
	text := strings.Repeat(spoken["ru"], 5)
	got, name := Decode([]byte(text[:100]+"\xff"+text[100:]), "ru")
	if name != "utf-8" || !strings.Contains(got, "\ufffd") || !strings.Contains(got, "Спасибо") {
		t.Errorf("taken for %s", name)
	}
}
