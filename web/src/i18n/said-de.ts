import type { SaidCatalogue } from './said'

/** The sentences of the service in German. The nameless placeholders of the English are counted: `{0}`, `{1}`. */
export const saidDe: SaidCatalogue = {
  // Words that are filled into sentences
  ', or change to the plan {}': ', oder zum Tarif {0} wechseln',
  'an answer has no fewer marks than the floor': 'keine Antwort hat weniger Punkte als die Untergrenze',
  'but {correct} is right': 'aber {correct} ist richtig',
  class: 'Klasse',
  draw: 'zeichnen',
  false: 'falsch',
  'more than the limits allow': 'mehr als erlaubt ist',
  name: 'Name',
  'none of JPEG, PNG, PDF and UTF-8 text': 'weder JPEG noch PNG, PDF oder Text in UTF-8',
  number: 'Nummer',
  'of alternatives only the best counts': 'von Alternativen zählt nur die beste',
  read: 'lesen',
  'some criteria count only together': 'manche Kriterien zählen nur zusammen',
  'the marks are capped': 'die Punkte haben eine Obergrenze',
  true: 'wahr',
  'which is right': 'was richtig ist',
  '{} MiB unpacked': '{0} MiB ausgepackt',
  '{width} × {height} pixels': '{width} × {height} Bildpunkte',

  // Choices
  'More than one option could be meant: {picked}.': 'Mehr als eine Möglichkeit kann gemeint sein: {picked}.',
  'No option was recognized in the answer.': 'In der Antwort ist keine Möglichkeit zu erkennen.',
  'The answer chooses {picked}, all right and complete.':
    'Die Antwort wählt {picked}: alles ist richtig, und nichts fehlt.',
  'The answer chooses {picked}, {verdict}.': 'Die Antwort wählt {picked}, {verdict}.',
  'The answer chooses {picked}; {} missing.': 'Die Antwort wählt {picked}; es fehlt: {0}.',
  'The answer chooses {picked}; {} not right.': 'Die Antwort wählt {picked}; nicht richtig: {0}.',
  'The answer chooses {picked}; {} not right; {} missing.':
    'Die Antwort wählt {picked}; nicht richtig: {0}; es fehlt: {1}.',
  'The answer names {picked}, but one option was to be chosen.':
    'Die Antwort nennt {picked}, aber nur eine Möglichkeit war zu wählen.',
  'The letter {picked} and the words beside it name different options.':
    'Der Buchstabe {picked} und die Wörter daneben nennen verschiedene Möglichkeiten.',

  // True or false
  "The answer doesn't say whether the statement is true or false.":
    'Die Antwort sagt nicht, ob die Aussage wahr oder falsch ist.',
  'The answer says both that the statement is true and that it is false.':
    'Die Antwort sagt beides: dass die Aussage wahr ist und dass sie falsch ist.',
  'The answer says {said}, and the statement is {right}.': 'Die Antwort sagt {said}, und die Aussage ist {right}.',
  'The answer says {said}, but the statement is {right}.': 'Die Antwort sagt {said}, aber die Aussage ist {right}.',
  'The reason earns nothing beside a wrong verdict.': 'Neben einem falschen Urteil bringt die Begründung nichts.',

  // Numbers and steps
  'More than one number could be meant: {rival} or {chosen}.':
    'Mehr als eine Zahl kann gemeint sein: {rival} oder {chosen}.',
  'No number was found in the answer.': 'In der Antwort ist keine Zahl zu finden.',
  'No unit stands with the number; {expected} is asked for.':
    'Bei der Zahl steht keine Einheit; verlangt ist {expected}.',
  "The answer doesn't show it.": 'Die Antwort zeigt es nicht.',
  'The answer gives {written}, not within {} of {expected}.':
    'Die Antwort gibt {written} an, um mehr als {0} neben {expected}.',
  'The answer gives {written}, not {expected}.': 'Die Antwort gibt {written} an, nicht {expected}.',
  "The answer gives {written}, not {}, but {} follows from the answer's own earlier values.":
    'Die Antwort gibt {written} an, nicht {0}, aber {1} folgt aus ihren eigenen früheren Werten.',
  'The answer gives {written}, not {}.': 'Die Antwort gibt {written} an, nicht {0}.',
  'The answer gives {written}, which is near enough, but not to {figures} significant figures.':
    'Die Antwort gibt {written} an; das ist nah genug, aber nicht auf {figures} gültige Ziffern.',
  'The answer gives {written}, which is {expected}.': 'Die Antwort gibt {written} an, das ist {expected}.',
  'The answer gives {written}, which is {}.': 'Die Antwort gibt {written} an, das ist {0}.',
  'The answer gives {written}, within {} of {expected}.':
    'Die Antwort gibt {written} an, um höchstens {0} neben {expected}.',
  'The answer shows no value for this step; {} is right.':
    'Die Antwort zeigt keinen Wert für diesen Schritt; richtig ist {0}.',
  'The digits of {written} are right, but the decimal point or the power of ten is not.':
    'Die Ziffern von {written} sind richtig, aber das Komma oder die Zehnerpotenz nicht.',
  'The number {written} can be meant to {asked} significant figures.':
    'Die Zahl {written} kann auf {asked} gültige Ziffern gemeint sein.',
  'The number {written} can be read in two ways.': 'Die Zahl {written} lässt sich auf zwei Weisen lesen.',
  'The number {written} has {asked} significant figures.': 'Gültige Ziffern der Zahl {written}: {asked}.',
  'The number {written} has {most} significant figures, not {asked}.':
    'Gültige Ziffern der Zahl {written}: {most}, nicht {asked}.',
  'The number {written} is a fraction; {asked} significant figures are asked for.':
    'Die Zahl {written} ist ein Bruch; verlangte gültige Ziffern: {asked}.',
  'The number {written} is given in another unit than the one asked for.':
    'Die Zahl {written} steht in einer anderen Einheit als der verlangten.',
  'The unit is {written}, not {expected}.': 'Die Einheit ist {written}, nicht {expected}.',
  'The unit {written} can be turned into {expected}.': 'Die Einheit {written} lässt sich in {expected} umrechnen.',
  'The unit {written} is {expected}.': 'Die Einheit {written} ist {expected}.',
  'The value {written} stands out of order: before the step that it follows.':
    'Der Wert {written} steht nicht der Reihe nach: vor dem Schritt, auf den er folgt.',

  // Short answers and explanations
  ' It lacks {}.': ' Es fehlt: {0}.',
  'The answer does not say {asked}; the nearest is {said}, where {missing} {are} missing.':
    'Die Antwort sagt nicht {asked}; am nächsten kommt {said}, darin fehlt: {missing}.',
  'The answer does not say {asked}; the nearest is {said}.':
    'Die Antwort sagt nicht {asked}; am nächsten kommt {said}.',
  'The answer holds no words that could be read.': 'Die Antwort enthält keine lesbaren Wörter.',
  'The answer says {said}, which contradicts {asked}.': 'Die Antwort sagt {said}; das widerspricht {asked}.',
  'The answer says {said}, which fits {asked} and takes marks off.':
    'Die Antwort sagt {said}; das passt zu {asked} und kostet Punkte.',
  'The answer says {said}, which fits {asked}.': 'Die Antwort sagt {said}; das passt zu {asked}.',
  'The answer says {said}, which is part of {asked}.': 'Die Antwort sagt {said}; das ist ein Teil von {asked}.',
  'The answer says {said}, which is part of {asked}; missing {are} {missing}.':
    'Die Antwort sagt {said}; das ist ein Teil von {asked}, es fehlt: {missing}.',
  'The answer says {said}, with another number than {asked}.':
    'Die Antwort sagt {said}, mit einer anderen Zahl als {asked}.',
  'You wrote {said}. That is part of {asked}.{add}': 'Geschrieben steht {said}. Das ist ein Teil von {asked}.{add}',
  'You wrote {said}. That is what was asked for.': 'Geschrieben steht {said}. Genau das war gefragt.',
  'You wrote {said}. That says the opposite of {asked}.':
    'Geschrieben steht {said}. Das sagt das Gegenteil von {asked}.',
  'You wrote {said}. That takes {} off: {description}.':
    'Geschrieben steht {said}. Das kostet Punkte ({0}): {description}.',
  'You wrote {said}. To earn this, also say {asked}.{add}':
    'Geschrieben steht {said}. Für diese Punkte gehört auch dazu: {asked}.{add}',

  // Why a person must look
  'Hardly any word of the answer is known: it may be in another language, or misread.':
    'Kaum ein Wort der Antwort ist bekannt: Sie ist vielleicht in einer anderen Sprache oder falsch gelesen.',
  'It is uncertain whether the answer fulfils {}.': 'Es ist unsicher, ob die Antwort {0} erfüllt.',
  'No answer was found for question {label}. Please check the pages and the lines left over.':
    'Für Frage {label} ist keine Antwort zu finden. Bitte die Seiten und die übrigen Zeilen durchsehen.',
  'No answer was found.': 'Es ist keine Antwort zu finden.',
  'Question {}: {reason}': 'Frage {0}: {reason}',
  'The answer holds hardly any words that are known.': 'Die Antwort enthält kaum bekannte Wörter.',
  'The answer only repeats the question.': 'Die Antwort wiederholt nur die Frage.',
  'The answer seems to be in another language than the guide.':
    'Die Antwort ist wohl in einer anderen Sprache als der Bewertungsbogen.',
  'The answer seems to speak to the grader. Nothing of that was followed.':
    'Die Antwort spricht wohl den Korrektor an. Nichts davon wurde befolgt.',
  'The answer speaks to the grader instead of answering.': 'Die Antwort spricht den Korrektor an, statt zu antworten.',
  'The word read as {read} could be {}; the marks would then be {} instead of {}.':
    'Das Wort, das als {read} gelesen wurde, kann {0} sein; dann wären es {1} statt {2} Punkte.',
  'The writing was hard to read, so words may have been taken for others.':
    'Die Schrift war schwer zu lesen; Wörter können für andere gehalten worden sein.',

  // Decisions and totals
  'A comment may have {COMMENT_CHARACTERS} characters.': 'Ein Kommentar darf {COMMENT_CHARACTERS} Zeichen haben.',
  'A person has decided about this answer.': 'Ein Mensch hat über diese Antwort entschieden.',
  'A person has given {marks} of {most}.': 'Ein Mensch hat {marks} von {most} gegeben.',
  'Nobody has decided about this answer.': 'Niemand hat über diese Antwort entschieden.',
  'The criteria add up to {sum}, which counts {total}: {}.': 'Die Kriterien ergeben {sum}, es zählen {total}: {0}.',
  'The criterion `{id}` is named twice.': 'Das Kriterium `{id}` ist zweimal genannt.',
  'The criterion `{id}` may have {min_marks} to {max_marks} marks, not {marks}.':
    'Das Kriterium `{id}` darf {min_marks} bis {max_marks} Punkte haben, nicht {marks}.',
  'The marking guide has changed since a person gave {} of {} marks. Please look at it again.':
    'Der Bewertungsbogen hat sich geändert, seit ein Mensch {0} von {1} Punkten gegeben hat. Bitte noch einmal durchsehen.',
  'This answer has no criterion `{id}`.': 'Diese Antwort hat kein Kriterium `{id}`.',
  'This answer was decided too often. Undo a decision first.':
    'Über diese Antwort wurde zu oft entschieden. Zuerst eine Entscheidung zurücknehmen.',
  "This guide's marks go in steps of {step}; the criterion `{id}` can't have {marks}.":
    'Die Punkte dieses Bewertungsbogens gehen in Schritten von {step}; das Kriterium `{id}` kann nicht {marks} haben.',

  // Files and pages
  "A file that we keep for this script is damaged. Retry the script; if that doesn't help, upload it anew.":
    'Eine Datei, die wir zu dieser Arbeit aufbewahren, ist beschädigt. Die Arbeit noch einmal versuchen; hilft das nicht, sie neu abgeben.',
  "A file that we keep for this script is missing. Retry the script; if that doesn't help, upload it anew.":
    'Eine Datei, die wir zu dieser Arbeit aufbewahren, fehlt. Die Arbeit noch einmal versuchen; hilft das nicht, sie neu abgeben.',
  'A typed text is no scan. Hand it in as one script.':
    'Ein getippter Text ist kein Scan. Bitte als eine Arbeit abgeben.',
  'File {number} could not be read: {}': 'Datei {number} ließ sich nicht lesen: {0}',
  'File {number}: {}': 'Datei {number}: {0}',
  'None of the files could be read. {}': 'Keine der Dateien ließ sich lesen. {0}',
  "Page {page} of the PDF has a picture or a font that can't be shown, so part of the page would be missing. Please upload the page as a JPEG or PNG image.":
    'Seite {page} des PDF hat ein Bild oder eine Schrift, die sich nicht zeigen lässt; ein Teil der Seite würde fehlen. Bitte die Seite als JPEG oder PNG abgeben.',
  'Please choose the Word document that it was made from, or paste its text.':
    'Bitte das Word-Dokument wählen, aus dem es entstanden ist, oder seinen Text einfügen.',
  'Please choose the guide of one assessment alone.': 'Bitte nur den Bewertungsbogen einer Prüfung wählen.',
  'Please scan at a lower resolution (300 dpi is plenty) and upload it again.':
    'Bitte mit geringerer Auflösung scannen (300 dpi genügen) und noch einmal abgeben.',
  'Please upload its pages as JPEG or PNG images.': 'Bitte die Seiten als JPEG oder PNG abgeben.',
  "Please upload one student's script alone.": 'Bitte nur die Arbeit einer Person abgeben.',
  'The PDF has {pages} pages; allowed are {}. {advice}': 'Das PDF hat {pages} Seiten; erlaubt sind {0}. {advice}',
  'The PDF is damaged or cut off. Please export or scan it anew and upload it again.':
    'Das PDF ist beschädigt oder abgeschnitten. Bitte neu speichern oder scannen und noch einmal abgeben.',
  'The PDF opens only with a password. Please save it without a password and upload it again.':
    'Das PDF öffnet sich nur mit einem Passwort. Bitte ohne Passwort speichern und noch einmal abgeben.',
  'The PDF takes more than {seconds} seconds to {work}. {advice}':
    'Das PDF zu {work} dauert länger als {seconds} Sekunden. {advice}',
  'The PDF unfolds to more than {mebibytes} MiB. {advice}': 'Das PDF ist entpackt größer als {mebibytes} MiB. {advice}',
  'The assessment has no marking guide. Publish one, then retry.':
    'Die Prüfung hat keinen Bewertungsbogen. Zuerst einen veröffentlichen, dann noch einmal versuchen.',
  "The export is larger than 5 GiB. Ask for the persons' exports one by one.":
    'Der Export ist größer als 5 GiB. Bitte die Exporte der Personen einzeln anfordern.',
  'The file has not arrived. Delete this submission and upload the script anew.':
    'Die Datei ist nicht angekommen. Bitte diese Arbeit löschen und neu abgeben.',
  'The file has not arrived. Upload the whole scan anew.':
    'Die Datei ist nicht angekommen. Bitte den ganzen Scan neu abgeben.',
  'The file is empty. Please choose the original file.': 'Die Datei ist leer. Bitte die ursprüngliche Datei wählen.',
  'The file is empty. Please upload it again.': 'Die Datei ist leer. Bitte noch einmal abgeben.',
  'The file is larger than 20 MiB. Please scan it at a lower resolution, or upload it in parts.':
    'Die Datei ist größer als 20 MiB. Bitte mit geringerer Auflösung scannen oder in Teilen abgeben.',
  'The file was announced as {}, but its content is {looks}. Please upload the original file.':
    'Die Datei war als {0} angekündigt, ihr Inhalt ist aber {looks}. Bitte die ursprüngliche Datei abgeben.',
  'The image is damaged or cut off, so part of the page would be missing. Please upload it again.':
    'Das Bild ist beschädigt oder abgeschnitten; ein Teil der Seite würde fehlen. Bitte noch einmal abgeben.',
  'The image is too large: {found}. Allowed are {} pixels a side and {megapixels} million pixels in all. Please scan at a lower resolution (300 dpi is plenty) and upload it again.':
    'Das Bild ist zu groß: {found}. Erlaubt sind {0} Bildpunkte je Seite und {megapixels} Millionen insgesamt. Bitte mit geringerer Auflösung scannen (300 dpi genügen) und noch einmal abgeben.',
  'The page could not be read. Please photograph or scan it anew and upload it again.':
    'Die Seite ließ sich nicht lesen. Bitte neu fotografieren oder scannen und noch einmal abgeben.',
  'The page takes more than {} seconds to read. Please photograph or scan it anew, with one page on each image.':
    'Die Seite zu lesen dauert länger als {0} Sekunden. Bitte neu fotografieren oder scannen, mit einer Seite je Bild.',
  'The text has {characters} characters; allowed are {}. Please upload the answers alone.':
    'Der Text hat {characters} Zeichen; erlaubt sind {0}. Bitte nur die Antworten abgeben.',

  // Tasks that stopped
  'All {} scripts that the plan {} includes this month (UTC) are used. Wait for the next month{larger}.':
    'Alle {0} Arbeiten, die der Tarif {1} diesen Monat (UTC) enthält, sind verbraucht. Auf den nächsten Monat warten{larger}.',
  'There is no such plan. The plans are {names}.': 'Diesen Tarif gibt es nicht. Die Tarife sind {names}.',
  'Grading question {question} stopped several times without a result. Retry the script.':
    'Die Bewertung von Frage {question} brach mehrmals ohne Ergebnis ab. Bitte die Arbeit noch einmal versuchen.',
  'Question {question} could not be graded. {}': 'Frage {question} ließ sich nicht bewerten. {0}',
  'Reading file {file} stopped several times without a result. Retry; if it fails again, upload it in another form, for instance as a photo of each page.':
    'Das Lesen von Datei {file} brach mehrmals ohne Ergebnis ab. Bitte noch einmal versuchen; geht es wieder schief, sie in anderer Form abgeben, etwa als Foto jeder Seite.',
  'Splitting the scan stopped several times at file {file}. See which submissions have come of it, and upload the rest in smaller parts, each beginning with a separator sheet.':
    'Das Aufteilen des Scans brach mehrmals bei Datei {file} ab. Bitte nachsehen, welche Arbeiten daraus entstanden sind, und den Rest in kleineren Teilen abgeben, jeder mit einem Trennblatt am Anfang.',
  'The marking guide has no such question.': 'Der Bewertungsbogen hat keine solche Frage.',
  'The scan could not be read, and nothing of it was taken over. {}':
    'Der Scan ließ sich nicht lesen, und nichts davon wurde übernommen. {0}',
  'The scan has {pages} pages; at most {} can be split at once. Upload it in parts, each beginning with a separator sheet.':
    'Der Scan hat {pages} Seiten; höchstens {0} lassen sich auf einmal aufteilen. Bitte in Teilen abgeben, jeder mit einem Trennblatt am Anfang.',
  'The script has {} pages; at most {} can be read. Upload it in parts.':
    'Die Arbeit hat {0} Seiten; höchstens {1} lassen sich lesen. Bitte in Teilen abgeben.',
  'There are only separator sheets and blank pages in the scan. Scan it again, sheets and scripts.':
    'Im Scan sind nur Trennblätter und leere Seiten. Bitte noch einmal scannen, Blätter und Arbeiten.',
  'Only a submission that has failed can be retried.':
    'Nur eine fehlgeschlagene Arbeit lässt sich noch einmal versuchen.',
  'The lines were assigned anew meanwhile, or the script is being graded. Load the split again.':
    'Die Zeilen wurden inzwischen neu zugeordnet, oder die Arbeit wird gerade bewertet. Bitte neu laden.',
  'The same request is being served right now. Please try again.':
    'Dieselbe Anfrage wird gerade bearbeitet. Bitte noch einmal versuchen.',
  'The submission has changed meanwhile.': 'Die Arbeit hat sich inzwischen geändert.',
  'Something went wrong on our side. Please try again; if it stays, contact support with the request id.':
    'Bei uns ist etwas schiefgegangen. Bitte noch einmal versuchen; bleibt es so, beim Support die Nummer der Anfrage nennen.',
  'The service is busy right now. Please try again in a moment.':
    'Der Dienst ist gerade ausgelastet. Bitte gleich noch einmal versuchen.',
  'There is nothing here, or you may not see it.': 'Hier ist nichts, oder es ist nicht für Sie.',

  // Rosters
  'A letter of the {what} was lost on the way. Send the file as `application/octet-stream`, or save it as UTF-8.':
    '{what}: Ein Buchstabe ging unterwegs verloren. Die Datei als `application/octet-stream` senden oder als UTF-8 speichern.',
  'A quotation mark is opened here or below and not closed.':
    'Hier oder weiter unten beginnt ein Anführungszeichen, das nicht geschlossen wird.',
  'A student can be in {} classes at most.': 'Eine Person kann in höchstens {0} Klassen sein.',
  'And {} more.': 'Und {0} weitere.',
  'Column {place} is not used.': 'Spalte {place} wird nicht verwendet.',
  'Columns {} and {place} mean the same. Keep one of them.':
    'Die Spalten {0} und {place} bedeuten dasselbe. Bitte nur eine behalten.',
  'Line {}: {}': 'Zeile {0}: {1}',
  "More than {NEW_TEAMS} classes aren't there yet. Is this the column of classes?":
    'Mehr als {NEW_TEAMS} Klassen gibt es noch nicht. Ist das die Spalte der Klassen?',
  'No column is called “name” or “last name”. The first line must name the columns.':
    'Keine Spalte heißt „name“ oder „last name“. Die erste Zeile muss die Spalten benennen.',
  'No column is called “number”, “student number” or “Matrikelnummer”. The first line must name the columns.':
    'Keine Spalte heißt „number“, „student number“ oder „Matrikelnummer“. Die erste Zeile muss die Spalten benennen.',
  "No student follows the line with the columns' names.": 'Auf die Zeile mit den Namen der Spalten folgt niemand.',
  'The e-mail address is none.': 'Die E-Mail-Adresse ist keine.',
  'The file has more than {} students. Import it in parts.':
    'Die Datei hat mehr als {0} Lernende. Bitte in Teilen importieren.',
  'The file is empty.': 'Die Datei ist leer.',
  'The file is larger than 1 MiB.': 'Die Datei ist größer als 1 MiB.',
  'The file is no text. Save the spreadsheet as CSV (UTF-8).':
    'Die Datei ist kein Text. Bitte die Tabelle als CSV (UTF-8) speichern.',
  "The file says it is {}, and isn't. Save it anew as CSV (UTF-8).":
    'Die Datei gibt sich als {0} aus und ist es nicht. Bitte neu als CSV (UTF-8) speichern.',
  'The same as line {}.': 'Dasselbe wie Zeile {0}.',
  'The same number as line {}, with something else beside it.':
    'Dieselbe Nummer wie Zeile {0}, mit etwas anderem daneben.',
  'The {what} begins like a formula (=, +, -, @). Write it without that sign.':
    '{what}: Das beginnt wie eine Formel (=, +, -, @). Bitte ohne dieses Zeichen schreiben.',
  "The {what} contains a character that can't be written.": '{what}: Ein Zeichen darin lässt sich nicht schreiben.',
  'The {what} has more than {most} characters. Perhaps a quotation mark is missing.':
    '{what}: Das sind mehr als {most} Zeichen. Vielleicht fehlt ein Anführungszeichen.',
  'The {what} is missing.': '{what} fehlt.',
  'There are more cells than columns. Perhaps a name with a comma stands without quotes.':
    'Es gibt mehr Zellen als Spalten. Vielleicht steht ein Name mit Komma ohne Anführungszeichen.',
  'There are several classes of this name. Give each a name of its own first.':
    'Es gibt mehrere Klassen dieses Namens. Zuerst jeder einen eigenen geben.',

  // The audit log
  'From this number on the hashes are not those that were anchored.':
    'Von dieser Nummer an sind die Prüfsummen nicht die verankerten.',
  'The event with this number is gone.': 'Das Ereignis mit dieser Nummer ist weg.',
  'The event with this number is not the one that was sealed.':
    'Das Ereignis mit dieser Nummer ist nicht das versiegelte.',
  'The log ends before this number, and did not when its head was written down.':
    'Das Protokoll endet vor dieser Nummer; als sein Ende festgehalten wurde, war das nicht so.',
  'There is an event with this number, or at this place, that was never sealed.':
    'Ein Ereignis mit dieser Nummer oder an dieser Stelle wurde nie versiegelt.',
}
