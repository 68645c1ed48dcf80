import type { problemsEn } from "./problems.en";

/** What can go wrong, and what to do about it, in German. */
export const problemsDe: { readonly [Name in keyof typeof problemsEn]: { readonly text: string; readonly hint: string } } = {
  disk_full: {
    text: "Der Datenträger ist voll",
    hint: "Schaffen Sie Platz und versuchen Sie es noch einmal; verloren ging nichts",
  },
  file_missing: {
    text: "Die Datei ist nicht da",
    hint: "Prüfen Sie den Pfad; vielleicht wurde sie verschoben, oder ihr Laufwerk ist nicht angeschlossen",
  },
  no_permission: {
    text: "Lesen oder Schreiben ist hier nicht erlaubt",
    hint: "Prüfen Sie die Zugriffsrechte, oder kopieren Sie es in einen eigenen Ordner",
  },
  io_failed: {
    text: "Lesen oder Schreiben ist fehlgeschlagen",
    hint: "Prüfen Sie, ob das Laufwerk angeschlossen und in Ordnung ist, und versuchen Sie es dann noch einmal",
  },
  out_of_memory: {
    text: "Dafür reicht der Arbeitsspeicher nicht",
    hint: "Schließen Sie andere Programme und versuchen Sie es noch einmal",
  },
  gone: {
    text: "Das gibt es nicht mehr",
    hint: "Vielleicht wurde es inzwischen entfernt",
  },
  path_not_unicode: {
    text: "Der Pfad hat Zeichen, die sich nicht speichern lassen",
    hint: "Wählen Sie einen Ordner mit einem einfachen Namen",
  },
  path_too_long: {
    text: "Der Pfad ist zu lang",
    hint: "Verschieben Sie die Datei in einen Ordner weiter oben und fügen Sie sie dann hinzu",
  },
  name_too_long: {
    text: "Ein Name im Pfad ist zu lang",
    hint: "Geben Sie der Datei oder ihrem Ordner einen kürzeren Namen",
  },
  not_a_file: {
    text: "Das ist keine Datei",
    hint: "Fügen Sie eine Datei hinzu, oder den Ordner, in dem sie liegt",
  },
  unreadable_folder: {
    text: "Hier lässt sich nicht hineinsehen",
    hint: "Prüfen Sie, ob Sie es lesen dürfen und ob das Laufwerk angeschlossen ist",
  },
  file_changed: {
    text: "Die Datei wurde geändert, während sie gelesen wurde",
    hint: "Warten Sie, bis das Programm fertig ist, das sie schreibt, und versuchen Sie es dann noch einmal",
  },
  empty_file: {
    text: "Die Datei ist leer",
    hint: "Besorgen Sie sie noch einmal dort, wo sie herkommt",
  },
  empty_container: {
    text: "Es sind keine Dateien darin",
    hint: "Besorgen Sie sie noch einmal dort, wo sie herkommt",
  },
  nothing_readable_inside: {
    text: "Es ist keine Datei darin, deren Format Footnote liest",
    hint: "Fügen Sie Dokumente, E-Mails, Webseiten oder Texte hinzu",
  },
  damaged_file: {
    text: "Die Datei ist beschädigt",
    hint: "Öffnen und speichern Sie sie noch einmal in ihrem Programm, oder besorgen Sie sie neu; fügen Sie dann die neue Datei hinzu",
  },
  damaged_picture: {
    text: "Das Bild lässt sich nicht lesen",
    hint: "Öffnen Sie es in einem Bildprogramm, speichern Sie es als PNG oder JPEG und fügen Sie das hinzu",
  },
  misnamed: {
    text: "Die Datei ist kein {{format}}, obwohl sie so heißt",
    hint: "Besorgen Sie die Datei noch einmal, oder geben Sie ihr die Endung, die zu ihr passt",
  },
  too_old: {
    text: "Die Datei hat ein älteres Format, als Footnote liest",
    hint: "Öffnen Sie sie in einem Büroprogramm, speichern Sie sie in einem heutigen Format (.docx, .xlsx, .pptx) und fügen Sie die neue Datei hinzu",
  },
  unsupported_format: {
    text: "Dieses Dateiformat liest Footnote nicht",
    hint: "Speichern Sie sie als PDF, HTML oder reinen Text, als Bild oder in einem Format von Word, Excel, PowerPoint oder OpenDocument",
  },
  unsupported_archive: {
    text: "Archive dieser Art öffnet Footnote nicht",
    hint: "Packen Sie es aus und fügen Sie die Dateien hinzu, oder packen Sie sie als ZIP",
  },
  unsupported_picture: {
    text: "Das Bild hat ein Format, das Footnote nicht liest ({{format}})",
    hint: "Öffnen Sie es in einem Bildprogramm, speichern Sie es als JPEG oder PNG und fügen Sie das hinzu; Telefone senden Fotos als JPEG, wenn das kompatibelste Format eingestellt ist",
  },
  unknown_packing: {
    text: "Die Datei ist auf eine Art gepackt, die Footnote nicht kennt",
    hint: "Packen Sie die Dateien neu als einfaches ZIP, oder fügen Sie sie einzeln hinzu",
  },
  not_unpacked: {
    text: "Die Datei lässt sich nicht auspacken",
    hint: "Vielleicht ist sie beschädigt; besorgen Sie sie noch einmal",
  },
  packed_too_deep: {
    text: "Die Datei ist mehr als {{most, number}}-fach verpackt",
    hint: "Packen Sie die äußeren Dateien aus und fügen Sie hinzu, was darin ist",
  },
  unpacks_too_large: {
    text: "Ausgepackt ist die Datei größer als {{megabytes, number}} MB; mehr wird hier nicht gelesen",
    hint: "Wenn Sie der Datei trauen, packen Sie sie aus und fügen Sie hinzu, was darin ist",
  },
  suspicious_packing: {
    text: "Die Datei ist so gepackt, wie es kein Dokument ist",
    hint: "Öffnen Sie sie nur, wenn Sie ihrer Herkunft trauen; von ihrem eigenen Programm neu gespeichert kann sie hinzugefügt werden",
  },
  too_large_table: {
    text: "Die Arbeitsmappe ist für dieses Format zu groß",
    hint: "Speichern Sie sie als .xlsx, das Zeile für Zeile gelesen wird, und fügen Sie die neue Datei hinzu",
  },
  password_needed: {
    text: "Die Datei ist mit einem Passwort geschützt",
    hint: "Geben Sie das Passwort ein, oder speichern Sie eine Kopie ohne Passwort und fügen Sie diese hinzu",
  },
  password_wrong: {
    text: "Das Passwort öffnet die Datei nicht",
    hint: "Achten Sie auf Großbuchstaben und die Sprache der Tastatur, und geben Sie das Passwort noch einmal ein",
  },
  password_of_owner: {
    text: "Das ist das Passwort des Besitzers, das ein so altes PDF hier nicht öffnet",
    hint: "Geben Sie das Passwort ein, mit dem es zum Lesen geöffnet wird",
  },
  password_impossible: {
    text: "Das kann kein Passwort eines Dokuments sein",
    hint: "Geben Sie das Passwort ein, das das Dokument öffnet, höchstens 1024 Zeichen",
  },
  sealed: {
    text: "Die Datei ist auf eine Art geschützt, die Footnote nicht öffnen kann",
    hint: "Öffnen Sie sie mit dem Passwort in ihrem eigenen Programm, speichern Sie eine Kopie ohne Passwort und fügen Sie diese hinzu",
  },
  copy_protected: {
    text: "Das Buch ist gegen Kopieren geschützt (DRM)",
    hint: "Lesen Sie es im Programm, für das es gekauft wurde, oder bitten Sie den Verkäufer um ein Exemplar ohne Schutz",
  },
  encrypted_mail: {
    text: "Die Nachricht ist verschlüsselt",
    hint: "Öffnen Sie sie im Mailprogramm, das den Schlüssel hat, speichern oder drucken Sie sie entschlüsselt, und fügen Sie das hinzu",
  },
  signed_mail: {
    text: "Der Text der Nachricht ist in ihre Signatur gepackt",
    hint: "Öffnen Sie sie in einem Mailprogramm, speichern oder drucken Sie sie ohne Signatur, und fügen Sie das hinzu",
  },
  empty_mail: {
    text: "Die Nachricht hat weder Text noch Anhänge",
    hint: "Bitten Sie den Absender um die Nachricht als Text oder HTML, oder um die Dateien selbst",
  },
  no_page_in_archive: {
    text: "Das Webarchiv enthält keine Seite",
    hint: "Speichern Sie die Seite noch einmal, als HTML oder PDF, und fügen Sie das hinzu",
  },
  reading_timed_out: {
    text: "Das Lesen dauerte länger als {{seconds, number}} s (gelesene Seiten: {{page, number}})",
    hint: "Teilen Sie die Datei auf, oder speichern Sie sie noch einmal als einfaches PDF, und fügen Sie sie dann hinzu",
  },
  reading_needs_memory: {
    text: "Das Lesen brauchte mehr als {{megabytes, number}} MB Arbeitsspeicher (gelesene Seiten: {{page, number}})",
    hint: "Teilen Sie die Datei auf, oder speichern Sie sie noch einmal mit weniger Bildern, und fügen Sie sie dann hinzu",
  },
  reading_stopped: {
    text: "Das Lesen brach ab (gelesene Seiten: {{page, number}})",
    hint: "Vielleicht ist die Datei beschädigt; speichern Sie sie noch einmal mit ihrem Programm und fügen Sie sie dann hinzu",
  },
  reader_missing: {
    text: "Der Programmteil, der Dateien liest, lässt sich nicht starten",
    hint: "Installieren Sie Footnote noch einmal; vielleicht wurde die Programmdatei im Betrieb verschoben oder ersetzt",
  },
  question_empty: {
    text: "Die Frage ist leer",
    hint: "Geben Sie ein, was Sie wissen möchten",
  },
  question_too_long: {
    text: "Die Frage hat {{length, number}} Zeichen; gesucht wird nach höchstens {{most, number}}",
    hint: "Kürzen Sie die Frage; lange Texte fügen Sie besser als Dokument hinzu",
  },
  question_over_context: {
    text: "Die Frage ist für das Modell zu lang",
    hint: "Kürzen Sie die Frage, oder wählen Sie ein Modell, das mehr auf einmal liest",
  },
  only_filters: {
    text: "{{filters}} grenzt eine Suche ein, aber es gibt keine Worte, nach denen zu suchen wäre",
    hint: "Geben Sie dazu ein, was Sie wissen möchten",
  },
  no_generator: {
    text: "Es ist kein Modell da, das Antworten schreibt",
    hint: "Laden Sie eines auf der Seite „Modelle“ herunter; die Suche geht auch ohne",
  },
  source_changed: {
    text: "{{title}} wurde inzwischen geändert oder entfernt",
    hint: "Fragen Sie noch einmal",
  },
  page_missing: {
    text: "Eine Seite {{page, number}} gibt es nicht; die letzte ist {{last, number}}",
    hint: "Nennen Sie eine Seite, die es gibt, oder keine",
  },
  words_missing: {
    text: "„{{words}}“ steht dort nicht",
    hint: "Geben Sie die Worte so an, wie sie dort stehen, oder nur die Seite",
  },
  query_took_long: {
    text: "Die Abfrage über die Tabelle {{table}} dauerte länger als {{seconds, number}} Sekunden",
    hint: "Fragen Sie nach einem Teil davon, zum Beispiel nach einer ihrer Dateien",
  },
  table_too_large: {
    text: "Die Tabelle ist zu groß, um damit zu rechnen",
    hint: "Fragen Sie nach einem Teil davon, zum Beispiel nach einer ihrer Dateien",
  },
  search_empty: {
    text: "Es gibt nichts, wonach zu suchen wäre",
    hint: "Geben Sie ein Wort aus dem Chat ein",
  },
  title_empty: {
    text: "Der Titel ist leer",
    hint: "Geben Sie einen Titel ein, oder lassen Sie ihn, wie er ist",
  },
  text_too_long: {
    text: "Der Text hat {{length, number}} Zeichen; aufbewahrt werden höchstens {{most, number}}",
    hint: "Kürzen Sie ihn",
  },
  answer_empty: {
    text: "Die richtige Antwort ist leer",
    hint: "Geben Sie an, was richtig ist, oder dass es nicht in den Dokumenten steht",
  },
  prompt_empty: {
    text: "Der Prompt ist leer",
    hint: "Schreiben Sie, was das Modell tun soll",
  },
  prompt_too_long: {
    text: "Der Prompt hat {{length, number}} Zeichen, und jede Frage würde darauf warten",
    hint: "Kürzen Sie ihn auf {{most, number}}",
  },
  prompt_lacks: {
    text: "Im Prompt fehlt {{words}}",
    hint: "Setzen Sie es dorthin, wo das Modell es sehen muss; sonst lassen sich Antworten nicht prüfen",
  },
  collection_unnamed: {
    text: "Eine Sammlung braucht einen Namen",
    hint: "Geben Sie ihr einen, etwa Arbeit oder Steuern 2025",
  },
  collection_name_too_long: {
    text: "Der Name einer Sammlung hat höchstens {{most, number}} Zeichen",
    hint: "Wählen Sie einen kürzeren",
  },
  collection_name_invisible: {
    text: "Im Namen einer Sammlung können keine Zeilenumbrüche oder Steuerzeichen stehen",
    hint: "Lassen Sie sie weg",
  },
  collection_gone: {
    text: "Diese Sammlung gibt es nicht",
    hint: "Sie ist mit ihrem letzten Dokument verschwunden oder wurde umbenannt",
  },
  collection_taken: {
    text: "Eine Sammlung „{{name}}“ gibt es schon",
    hint: "Wählen Sie einen anderen Namen, oder verschieben Sie die Dokumente dorthin",
  },
  collection_keeps_name: {
    text: "Die Sammlung, in die Dokumente ohne Wahl kommen, behält ihren Namen",
    hint: "Verschieben Sie ihre Dokumente in eine neue Sammlung",
  },
  folder_is_file: {
    text: "Das ist eine Datei; überwachen lassen sich nur Ordner",
    hint: "Fügen Sie die Datei hinzu, oder überwachen Sie den Ordner, in dem sie liegt",
  },
  folder_watched: {
    text: "Der Ordner wird schon überwacht",
    hint: "Ein zweites Mal ist nicht nötig",
  },
  folder_inside: {
    text: "Der Ordner liegt in {{folder}}, der schon überwacht wird",
    hint: "Seine Dateien sind in der Bibliothek oder kommen noch hinein",
  },
  folder_around: {
    text: "In diesem Ordner liegt {{folder}}, der schon überwacht wird",
    hint: "Überwachen Sie zuerst jenen Ordner nicht mehr; seine Dokumente können bleiben",
  },
  folder_missing: {
    text: "Der Ordner ist nicht da",
    hint: "Schließen Sie sein Laufwerk an, oder überwachen Sie ihn nicht mehr",
  },
  too_many_folders: {
    text: "Das System kann nicht für so viele Ordner melden, was sich ändert; stattdessen wird alle paar Sekunden nachgesehen",
    hint: "Erhöhen Sie die Grenze (sysctl fs.inotify.max_user_watches), oder lassen Sie Ordner ohne Dokumente aus",
  },
  folder_polled: {
    text: "Das System meldet hier keine Änderungen; stattdessen wird alle paar Sekunden nachgesehen",
    hint: "Sie müssen nichts tun; Änderungen zeigen sich etwas später",
  },
  model_missing: {
    text: "Das Modell ist nicht auf diesem Rechner",
    hint: "Laden Sie es auf der Seite „Modelle“ herunter, oder importieren Sie eine eigene Datei",
  },
  models_missing: {
    text: "Die Modelle sind noch nicht da",
    hint: "Laden Sie sie zuerst herunter; das ist nur einmal nötig",
  },
  model_damaged: {
    text: "Die Dateien des Modells sind beschädigt",
    hint: "Laden oder importieren Sie das Modell noch einmal",
  },
  model_of_other_version: {
    text: "Das Modell wurde von einer anderen Version von Footnote importiert",
    hint: "Laden oder importieren Sie das Modell noch einmal",
  },
  model_unsuitable: {
    text: "Das Modell taugt nicht für diese Aufgabe",
    hint: "Wählen Sie ein anderes Modell, oder eine andere Umwandlung von diesem",
  },
  model_without_entailment: {
    text: "Dieser Klassifikator unterscheidet {{labels}}; um Sätze zu prüfen, muss er „entailment“ kennen",
    hint: "Importieren Sie ein Modell für Folgerung (NLI): Eines seiner Merkmale heißt „entailment“",
  },
  model_miscomputes: {
    text: "Das Modell hat ein unbrauchbares Ergebnis berechnet",
    hint: "Stellen Sie in den Einstellungen auf den Prozessor (CPU) um; hilft das nicht, laden oder importieren Sie das Modell noch einmal",
  },
  model_failed: {
    text: "Das Modell ließ sich nicht ausführen",
    hint: "Laden oder importieren Sie das Modell noch einmal; hilft das nicht, installieren Sie das neueste Footnote",
  },
  model_needs_memory: {
    text: "Für das Modell reicht der Arbeitsspeicher nicht",
    hint: "Schließen Sie andere Programme, oder wählen Sie auf der Seite „Modelle“ ein kleineres",
  },
  model_refused_chat: {
    text: "Das Modell hat diesen Chat abgelehnt",
    hint: "Wählen Sie ein anderes Modell, oder beginnen Sie einen neuen Chat",
  },
  model_silent: {
    text: "Das Modell schreibt nichts, wenn es gefragt wird",
    hint: "Wählen Sie ein Modell für Gespräche (sein Name endet oft auf „instruct“ oder „it“)",
  },
  model_in_use: {
    text: "Dieses Modell wird benutzt",
    hint: "Benutzen Sie ein anderes an seiner Stelle, und entfernen Sie es dann",
  },
  model_downloading: {
    text: "Dieses Modell wird gerade heruntergeladen",
    hint: "Brechen Sie das Herunterladen ab, und entfernen Sie es dann",
  },
  model_not_here: {
    text: "{{title}} ist noch nicht auf diesem Rechner",
    hint: "Laden Sie es zuerst herunter, und benutzen Sie es dann",
  },
  model_vanished: {
    text: "Die Dateien des Modells sind nicht mehr auf diesem Rechner",
    hint: "Laden oder importieren Sie es noch einmal, um es zu benutzen",
  },
  model_work_running: {
    text: "An einem anderen Modell wird gearbeitet",
    hint: "Warten Sie, bis das erledigt ist, oder brechen Sie es ab",
  },
  model_indispensable: {
    text: "Ohne ein Modell dieser Art geht es nicht",
    hint: "Benutzen Sie ein anderes Modell an seiner Stelle",
  },
  model_named_at_start: {
    text: "Das Modell wurde beim Start von Footnote festgelegt",
    hint: "Starten Sie Footnote, ohne es zu nennen, um es hier zu wählen",
  },
  model_not_tried: {
    text: "Nur Modelle, die Antworten schreiben, lassen sich mit einer Frage ausprobieren",
    hint: "Wählen Sie ein Modell aus dem ersten Abschnitt",
  },
  runtime_missing: {
    text: "Die Bibliothek ONNX Runtime wurde nicht gefunden",
    hint: "Installieren Sie Footnote noch einmal, oder nennen Sie die Bibliothek in FOOTNOTE_ORT_LIBRARY",
  },
  runtime_unusable: {
    text: "Die Bibliothek ONNX Runtime ist nicht zu gebrauchen",
    hint: "Benutzen Sie die mit Footnote gelieferte, oder eine neuere für dieses System und diesen Prozessor",
  },
  runtime_in_use: {
    text: "Es wird schon eine andere Bibliothek ONNX Runtime benutzt",
    hint: "Starten Sie Footnote neu, um die andere zu benutzen",
  },
  processor_too_old: {
    text: "Diesem Prozessor fehlt {{missing}}, was die Modelle brauchen",
    hint: "Benutzen Sie einen Rechner mit einem Prozessor von 2015 oder später (Intel Haswell, AMD Excavator)",
  },
  import_malformed: {
    text: "Das ist keine brauchbare Datei im Format {{format}}",
    hint: "Laden Sie die Datei noch einmal herunter; sie ist unvollständig, beschädigt oder von anderer Art",
  },
  import_unsupported: {
    text: "Dieses Modell wird nicht unterstützt: {{key}} ist {{value}}",
    hint: "Wählen Sie eine Datei mit einem dieser Werte: {{supported}}",
  },
  import_inconsistent: {
    text: "Die Datei hält sich nicht an ihre Architektur",
    hint: "Versuchen Sie es mit der Umwandlung des Herausgebers",
  },
  import_exists: {
    text: "An dieser Stelle ist schon ein Modell",
    hint: "Entfernen Sie zuerst jenes, oder wählen Sie ein anderes",
  },
  import_io: {
    text: "Die Dateien des Modells ließen sich nicht lesen oder schreiben",
    hint: "Prüfen Sie, ob es den Pfad gibt und ob Sie dort lesen und schreiben dürfen",
  },
  offline_lock: {
    text: "Die Netzsperre ist eingeschaltet; es kann kein Modell geladen werden",
    hint: "Schalten Sie die Sperre für das Herunterladen aus, oder importieren Sie das Modell aus einer Datei",
  },
  unreachable: {
    text: "Die Quelle ist nicht zu erreichen",
    hint: "Prüfen Sie Netz und Proxy, setzen Sie FOOTNOTE_MODEL_MIRROR, oder importieren Sie das Modell aus einer Datei",
  },
  download_refused: {
    text: "Die Quelle hat das Herunterladen verweigert",
    hint: "Prüfen Sie die Adresse des Spiegels, oder melden Sie sich am Proxy an, falls es einen gibt",
  },
  wrong_file: {
    text: "Angekommen ist nicht die erwartete Datei",
    hint: "Sie wurde verworfen; laden Sie noch einmal, und melden Sie es, wenn es wieder geschieht",
  },
  models_disk_full: {
    text: "Zu wenig Platz in {{folder}}: {{needed_mb, number}} MB werden gebraucht, {{free_mb, number}} MB sind frei",
    hint: "Schaffen Sie Platz, oder legen Sie die Modelle mit FOOTNOTE_MODELS anderswohin, und laden Sie noch einmal",
  },
  no_package_tool: {
    text: "Das Paketwerkzeug konnte nicht sagen, wo das Modell liegt",
    hint: "Installieren Sie Python 3 mit pip, sorgen Sie für Zugang zum Modellverzeichnis, oder importieren Sie das Modell aus einer Datei",
  },
  models_folder_failed: {
    text: "Die Dateien des Modells ließen sich nicht lesen oder schreiben",
    hint: "Prüfen Sie, ob das Laufwerk angeschlossen und in Ordnung ist und ob Sie dort schreiben dürfen, und laden Sie noch einmal",
  },
  model_unknown: {
    text: "Dieses Modell gibt es nicht",
    hint: "Wählen Sie eines auf der Seite „Modelle“",
  },
  download_running: {
    text: "Das wird schon heruntergeladen",
    hint: "Warten Sie, bis es fertig ist, oder halten Sie es an",
  },
  data_in_use: {
    text: "Ein anderes Footnote benutzt den Datenordner {{folder}}",
    hint: "Schließen Sie das andere Fenster, oder warten Sie, bis sein Befehl beendet ist",
  },
  data_missing: {
    text: "Der Datenordner {{folder}} ist nicht da",
    hint: "Ihre Daten wurden dorthin verschoben. Schließen Sie das Laufwerk an und versuchen Sie es noch einmal, oder löschen Sie {{pointer}}, um mit einer leeren Bibliothek in {{other}} zu beginnen",
  },
  data_pointer_damaged: {
    text: "{{file}} sagt nicht, wo die Daten sind",
    hint: "Nennen Sie den Ordner mit --data-dir, oder löschen Sie die Datei, um {{other}} zu benutzen",
  },
  register_busy: {
    text: "Ein anderes Programm benutzt das Register",
    hint: "Schließen Sie andere Fenster von Footnote und jedes Werkzeug, das ledger.db offen hat, und versuchen Sie es noch einmal; verloren ging nichts",
  },
  register_damaged: {
    text: "Das Register ist beschädigt",
    hint: "Beenden Sie Footnote, legen Sie ledger.db aus dem Datenordner beiseite (nicht löschen), starten Sie neu und fügen Sie Ihre Dokumente noch einmal hinzu; die Dokumente selbst sind unberührt",
  },
  register_read_only: {
    text: "Das Register lässt sich nicht zum Schreiben öffnen",
    hint: "Prüfen Sie, ob es den Datenordner gibt und ob Sie darin schreiben dürfen",
  },
  register_foreign: {
    text: "Diese Datei ist eine Datenbank, aber kein Register von Footnote",
    hint: "Wählen Sie einen anderen Datenordner; die Datei wurde nicht geändert",
  },
  store_newer: {
    text: "Die Daten wurden von einem neueren Footnote geschrieben",
    hint: "Installieren Sie das neuere Footnote; geändert wurde nichts",
  },
  store_io: {
    text: "Lesen oder Schreiben der Daten ist fehlgeschlagen",
    hint: "Prüfen Sie, ob das Laufwerk angeschlossen und in Ordnung ist, und versuchen Sie es dann noch einmal",
  },
  index_busy: {
    text: "Ein anderes Programm hat den Index geändert",
    hint: "Schließen Sie andere Fenster von Footnote und versuchen Sie es noch einmal",
  },
  index_damaged: {
    text: "Der Index ist beschädigt",
    hint: "Beenden Sie Footnote, legen Sie den Ordner des Index aus dem Datenordner beiseite (nicht löschen) und starten Sie neu; Footnote liest Ihre Dokumente dann neu ein",
  },
  index_read_only: {
    text: "Der Index darf nicht gelesen oder geschrieben werden",
    hint: "Prüfen Sie, ob es den Datenordner gibt und ob Sie darin schreiben dürfen",
  },
  index_unusable: {
    text: "Der Index lässt sich hier nicht benutzen",
    hint: "Legen Sie den Datenordner auf ein lokales Laufwerk, oder installieren Sie das neueste Footnote",
  },
  move_miscopied: {
    text: "{{file}} ist nicht, was geschrieben wurde",
    hint: "Vielleicht ist das Laufwerk fehlerhaft: Wählen Sie einen Ordner auf einem anderen. Ihre Daten werden benutzt, wo sie waren",
  },
  move_unsound: {
    text: "Die Kopie ist nicht zu gebrauchen",
    hint: "Ihre Daten werden benutzt, wo sie waren; wählen Sie einen Ordner auf einem anderen Laufwerk",
  },
  move_changed: {
    text: "Die Daten haben sich beim Kopieren geändert",
    hint: "Versuchen Sie es noch einmal; Ihre Daten werden benutzt, wo sie waren, und verloren ging nichts",
  },
  move_no_room: {
    text: "In {{folder}} ist zu wenig Platz: {{needed_mb, number}} MB werden gebraucht, {{free_mb, number}} MB sind frei",
    hint: "Wählen Sie einen Ordner auf einem Laufwerk mit mehr Platz, oder schaffen Sie welchen",
  },
  move_nested: {
    text: "{{folder}} und der Datenordner liegen ineinander",
    hint: "Wählen Sie einen Ordner, der weder im Datenordner noch über ihm liegt",
  },
  move_not_empty: {
    text: "Der Ordner {{folder}} ist nicht leer",
    hint: "Wählen Sie einen leeren Ordner, oder legen Sie einen neuen an",
  },
  move_not_ours: {
    text: "Dieses Fenster benutzt den Datenordner nicht",
    hint: "Schließen Sie zuerst das andere Footnote und versuchen Sie es dann noch einmal",
  },
  data_named_at_start: {
    text: "Der Datenordner wurde beim Start von Footnote festgelegt",
    hint: "Starten Sie Footnote ohne --data-dir und FOOTNOTE_DATA_DIR, um ihn hier zu wählen",
  },
  no_old_data: {
    text: "Es gibt keinen alten Datenordner zu löschen",
    hint: "Sie müssen nichts tun",
  },
  too_large_to_show: {
    text: "Die Datei ist zu groß, um so angezeigt zu werden, wie sie ist",
    hint: "Lesen Sie hier ihren Text, oder öffnen Sie die Datei in einem anderen Programm",
  },
  changed_since: {
    text: "Die Datei hat sich geändert, seit sie gelesen wurde",
    hint: "Gezeigt wird ihr Text, wie er gelesen wurde; lesen Sie das Dokument neu ein, um das Neue zu sehen",
  },
  is_program: {
    text: "Das ist ein Programm; es zu öffnen könnte es ausführen",
    hint: "Lesen Sie es hier, oder zeigen Sie es in seinem Ordner und entscheiden Sie dort",
  },
  file_gone: {
    text: "Die Datei ist nicht mehr da",
    hint: "Sie wurde verschoben, umbenannt oder gelöscht, oder ihr Laufwerk ist nicht angeschlossen. Was daraus gelesen wurde, ist noch hier",
  },
  not_opened: {
    text: "Die Datei ließ sich nicht öffnen",
    hint: "Wählen Sie in den Einstellungen des Systems ein Programm für diese Art von Datei",
  },
  samples_failed: {
    text: "Die Beispiele lassen sich nicht in {{folder}} ablegen",
    hint: "Schaffen Sie Platz, oder erlauben Sie das Schreiben in diesem Ordner; oder fügen Sie eigene Dateien hinzu",
  },
};
