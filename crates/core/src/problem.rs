//! What can go wrong in ordinary use, by name, so that a window can say it in its own language.

use serde::{Deserialize, Serialize};

/// A kind of failure with what is particular to it. [`Error`](crate::Error) carries one beside its English text; the
/// window's catalogue has a sentence and a remedy for each, whose blanks are the fields. `detail` is in the words of
/// whoever noticed: foreign libraries, the system, or a reader. It is quoted as it is, never looked into.
///
/// Names are kept in the ledger with failed jobs: one that is no longer used can go, since an unknown one reads as none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "problem", rename_all = "snake_case")]
pub enum Problem {
    /// The disk has no room.
    DiskFull,
    /// No file is at this path.
    FileMissing,
    /// The system refuses to read or write here.
    NoPermission,
    /// The system failed to read or write.
    IoFailed {
        /// The system's words.
        detail: String,
    },
    /// Memory ran out.
    OutOfMemory,
    /// What was asked for is not there, or not any more.
    Gone,
    /// A path holds bytes that are no text.
    PathNotUnicode,
    /// A path is longer than can be read.
    PathTooLong,
    /// A name in a path is longer than the system allows.
    NameTooLong,
    /// The path leads to something that is no file.
    NotAFile,
    /// A folder, or something in it, cannot be looked into.
    UnreadableFolder {
        /// The system's words.
        detail: String,
    },
    /// The file changed while it was read.
    FileChanged,
    /// The file has no bytes.
    EmptyFile,
    /// A container has no file in it.
    EmptyContainer,
    /// A container has no file of a format that is read.
    NothingReadableInside,
    /// The file's content is broken.
    DamagedFile {
        /// What is broken.
        detail: String,
    },
    /// The picture cannot be decoded.
    DamagedPicture {
        /// What is broken.
        detail: String,
    },
    /// The file's content is not what its name says.
    Misnamed {
        /// The format of the name.
        format: String,
    },
    /// An office format older than those that are read.
    TooOld,
    /// No format that is read.
    UnsupportedFormat,
    /// An archive of a kind that is not opened.
    UnsupportedArchive,
    /// A picture in a format that is not read.
    UnsupportedPicture {
        /// Its name.
        format: String,
    },
    /// A part is packed by a method that is not known.
    UnknownPacking,
    /// A packed file does not unpack.
    NotUnpacked,
    /// Archives in archives, too many.
    PackedTooDeep {
        /// How deep is read.
        most: u32,
    },
    /// The file unpacks to more than is read.
    UnpacksTooLarge {
        /// How much is read.
        megabytes: u32,
    },
    /// It is packed as no honest document is.
    SuspiciousPacking {
        /// How.
        detail: String,
    },
    /// A sheet is larger than its reader can hold.
    TooLargeTable {
        /// What is too large.
        detail: String,
    },
    /// A password that was not given opens it.
    PasswordNeeded,
    /// The password that was given does not open it.
    PasswordWrong,
    /// The password is the owner's, which does not open an old PDF here.
    PasswordOfOwner,
    /// What was given can be no password.
    PasswordImpossible,
    /// Protected in a way that is not opened here.
    Sealed,
    /// A book with DRM.
    CopyProtected,
    /// Only the receiver's key opens the message.
    EncryptedMail,
    /// The text is packed inside the signature.
    SignedMail,
    /// A message that holds nothing.
    EmptyMail,
    /// A web archive without a page.
    NoPageInArchive,
    /// Reading took longer than it may.
    ReadingTimedOut {
        /// How long it may take.
        seconds: u32,
        /// The last page that was read, 0 for none.
        page: u32,
    },
    /// Reading needed more memory than it may have.
    ReadingNeedsMemory {
        /// How much it may have.
        megabytes: u32,
        /// The last page that was read, 0 for none.
        page: u32,
    },
    /// The reading process ended without an answer.
    ReadingStopped {
        /// The last page that was read, 0 for none.
        page: u32,
        /// How it ended.
        detail: String,
    },
    /// The reading process cannot be used.
    ReaderMissing {
        /// What is wrong.
        detail: String,
    },
    /// No question was asked.
    QuestionEmpty,
    /// More characters than can be searched for.
    QuestionTooLong {
        /// Its characters.
        length: u32,
        /// The most there may be.
        most: u32,
    },
    /// The model cannot take in so long a question.
    QuestionOverContext,
    /// Filters without words to search for.
    OnlyFilters {
        /// As they were typed.
        filters: String,
    },
    /// No model that writes answers is there.
    NoGenerator,
    /// A document changed while it was asked.
    SourceChanged {
        /// Its title.
        title: String,
    },
    /// A document has fewer pages.
    PageMissing {
        /// The page asked for.
        page: u32,
        /// Its last page.
        last: u32,
    },
    /// Words do not stand where they should.
    WordsMissing {
        /// The words.
        words: String,
    },
    /// A computed question took too long.
    QueryTookLong {
        /// Its table.
        table: String,
        /// How long it may take.
        seconds: u32,
    },
    /// A table is too large to be computed with.
    TableTooLarge,
    /// A search for chats without words.
    SearchEmpty,
    /// A title without text.
    TitleEmpty,
    /// A text is longer than is kept.
    TextTooLong {
        /// Its characters.
        length: u32,
        /// The most there may be.
        most: u32,
    },
    /// A test case without an answer.
    AnswerEmpty,
    /// A copy of a prompt without text.
    PromptEmpty,
    /// A copy of a prompt that is too long.
    PromptTooLong {
        /// Its characters.
        length: u32,
        /// The most there may be.
        most: u32,
    },
    /// A copy of a prompt does not say what it has to.
    PromptLacks {
        /// What it has to say.
        words: String,
    },
    /// A collection without a name.
    CollectionUnnamed,
    /// The name of a collection is too long.
    CollectionNameTooLong {
        /// The most characters there may be.
        most: u32,
    },
    /// The name of a collection has characters that nobody sees.
    CollectionNameInvisible,
    /// There is no such collection.
    CollectionGone,
    /// A collection has that name.
    CollectionTaken {
        /// Which.
        name: String,
    },
    /// The collection that documents join when none is chosen keeps its name.
    CollectionKeepsName,
    /// A file was to be watched.
    FolderIsFile,
    /// The folder is watched already.
    FolderWatched,
    /// The folder lies in one that is watched.
    FolderInside {
        /// That folder.
        folder: String,
    },
    /// The folder has one in it that is watched.
    FolderAround {
        /// That folder.
        folder: String,
    },
    /// The watched folder is not there.
    FolderMissing,
    /// The system tells of no more folders.
    TooManyFolders,
    /// The system tells of no changes here.
    FolderPolled {
        /// The system's words.
        detail: String,
    },
    /// A model's files are not there.
    ModelMissing,
    /// Not all models that are needed are there.
    ModelsMissing,
    /// A model's files cannot be used.
    ModelDamaged {
        /// What is wrong.
        detail: String,
    },
    /// Imported by another version of the program.
    ModelOfOtherVersion,
    /// The model is of no use here.
    ModelUnsuitable {
        /// Why.
        detail: String,
    },
    /// A classifier that tells something else was to check sentences.
    ModelWithoutEntailment {
        /// What it tells.
        labels: String,
    },
    /// The model computes what cannot be.
    ModelMiscomputes {
        /// What.
        detail: String,
    },
    /// The runtime failed with the model.
    ModelFailed {
        /// Its words.
        detail: String,
    },
    /// Too little memory for the model.
    ModelNeedsMemory,
    /// The model's own template refuses the chat.
    ModelRefusedChat {
        /// Its words.
        detail: String,
    },
    /// The model writes nothing.
    ModelSilent,
    /// A model in use cannot be removed.
    ModelInUse,
    /// A model that arrives cannot be removed.
    ModelDownloading,
    /// A model that is to be used has not been downloaded.
    ModelNotHere {
        /// Its name.
        title: String,
    },
    /// The files of a model in use are gone.
    ModelVanished,
    /// One model is worked on at a time.
    ModelWorkRunning,
    /// The program cannot do without a model of this kind.
    ModelIndispensable,
    /// The model was named when the program was started.
    ModelNamedAtStart,
    /// Only models that write can be tried.
    ModelNotTried,
    /// The library that runs models is not there.
    RuntimeMissing,
    /// The library that runs models cannot be used.
    RuntimeUnusable {
        /// Why.
        detail: String,
    },
    /// Another library is loaded already.
    RuntimeInUse,
    /// The processor lacks instructions that models need.
    ProcessorTooOld {
        /// Which.
        missing: String,
    },
    /// The file is not what it should be, or is damaged.
    ImportMalformed {
        /// What it should be.
        format: String,
        /// What is wrong.
        detail: String,
    },
    /// The model has a trait that is not known.
    ImportUnsupported {
        /// Which.
        key: String,
        /// Its value.
        value: String,
        /// The values that would work.
        supported: String,
    },
    /// The file does not follow its architecture.
    ImportInconsistent {
        /// Where not.
        detail: String,
    },
    /// The destination is taken.
    ImportExists,
    /// The system refused to read or write.
    ImportIo {
        /// Its words.
        detail: String,
    },
    /// The offline lock is on.
    OfflineLock,
    /// No connection to the source.
    Unreachable {
        /// To which, and why.
        detail: String,
    },
    /// The source answered, but not with the file.
    DownloadRefused {
        /// What it answered.
        detail: String,
    },
    /// What arrived is not the expected file.
    WrongFile {
        /// How it differs.
        detail: String,
    },
    /// No room for a model.
    ModelsDiskFull {
        /// Where.
        folder: String,
        /// Megabytes it needs.
        needed_mb: u32,
        /// Megabytes that are free.
        free_mb: u32,
    },
    /// The package tool could not say where a package is.
    NoPackageTool {
        /// Its words.
        detail: String,
    },
    /// Reading or writing models failed.
    ModelsFolderFailed {
        /// The system's words.
        detail: String,
    },
    /// The catalogue has no such model.
    ModelUnknown,
    /// The download is under way.
    DownloadRunning,
    /// Another Footnote has the data folder.
    DataInUse {
        /// Which.
        folder: String,
    },
    /// The data folder is not there.
    DataMissing {
        /// Which.
        folder: String,
        /// The file that names it.
        pointer: String,
        /// The folder that is used without that file.
        other: String,
    },
    /// What says where the data is cannot be read.
    DataPointerDamaged {
        /// Which file.
        file: String,
        /// The folder that is used without it.
        other: String,
        /// What is wrong.
        detail: String,
    },
    /// Another program has the register open.
    RegisterBusy,
    /// The register is broken.
    RegisterDamaged {
        /// What is wrong.
        detail: String,
    },
    /// The register cannot be written.
    RegisterReadOnly {
        /// What is wrong.
        detail: String,
    },
    /// A database that is another program's.
    RegisterForeign,
    /// Written by a newer version of the program.
    StoreNewer,
    /// The disk failed under the register or the index.
    StoreIo {
        /// The system's words.
        detail: String,
    },
    /// Another program changed the index.
    IndexBusy,
    /// The index is broken.
    IndexDamaged {
        /// What is wrong.
        detail: String,
    },
    /// The index may not be read or written.
    IndexReadOnly,
    /// The index does not work in this place.
    IndexUnusable {
        /// Why.
        detail: String,
    },
    /// A copied file is not what was written.
    MoveMiscopied {
        /// Which.
        file: String,
    },
    /// The copied data does not stand its check.
    MoveUnsound {
        /// What is wrong.
        detail: String,
    },
    /// The data changed while it was copied.
    MoveChanged,
    /// No room for the data.
    MoveNoRoom {
        /// Where to.
        folder: String,
        /// Megabytes it needs.
        needed_mb: u32,
        /// Megabytes that are free.
        free_mb: u32,
    },
    /// The new folder and the old lie in each other.
    MoveNested {
        /// The new one.
        folder: String,
    },
    /// The new folder has something in it.
    MoveNotEmpty {
        /// Which.
        folder: String,
    },
    /// The data folder is another window's.
    MoveNotOurs,
    /// The data folder was named when the program was started.
    DataNamedAtStart,
    /// No old data folder is left to be deleted.
    NoOldData,
    /// The file itself is too large to be shown.
    TooLargeToShow,
    /// The file is not what was read.
    ChangedSince,
    /// Opening the file could run it.
    IsProgram,
    /// A document's file is not where it was.
    FileGone,
    /// The system could not open it.
    NotOpened {
        /// The system's words.
        detail: String,
    },
    /// The samples could not be written.
    SamplesFailed {
        /// Where.
        folder: String,
        /// The system's words.
        detail: String,
    },
}
