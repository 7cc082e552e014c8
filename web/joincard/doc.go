// Package joincard makes the sheet of paper that lies beside a box: how to get into
// its Wi-Fi and to its films, as codes for phones and in letters for people.
//
// It is PDF by hand: one page, black rectangles for the codes and the built-in
// font Helvetica, which every viewer and printer has (ISO 32000-1, 9.6.2.2). So a
// library would embed fonts, colours and images for nothing; the price is that letters
// beyond Western Europe's (Windows-1252) are left to the codes. The same card has the
// same bytes: no dates, no ids.
package joincard
