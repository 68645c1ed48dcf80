//! The command line as it is typed.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use footnote_core::export::ExportFormat;
use footnote_core::ports::Sampling;
use footnote_core::types::{DEFAULT_COLLECTION, SearchMode, Unproved};

/// Ask your own documents. Every answer names the exact words it rests on; nothing leaves this machine.
#[derive(Parser, Debug)]
#[command(
    name = "footnote",
    version,
    max_term_width = 100,
    subcommand_required = true,
    arg_required_else_help = true
)]
pub struct Cli {
    /// What every command takes.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Options of every command.
#[derive(Args, Debug, Clone)]
pub struct Global {
    /// Folder with the index, the register and the conversations
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        env = "FOOTNOTE_DATA_DIR",
        hide_env_values = true
    )]
    pub data_dir: Option<PathBuf>,
    /// Print JSON: one object, or one per line for streams
    #[arg(long, global = true)]
    pub json: bool,
    /// Generator: an id of `footnote models list`, or an imported model's folder
    #[arg(
        long,
        global = true,
        value_name = "MODEL",
        env = "FOOTNOTE_GENERATOR",
        hide_env_values = true
    )]
    pub generator: Option<String>,
    /// Embedder: an id of `footnote models list`, or an imported model's folder (changing it re-reads all
    /// documents)
    #[arg(
        long,
        global = true,
        value_name = "MODEL",
        env = "FOOTNOTE_EMBEDDER",
        hide_env_values = true
    )]
    pub embedder: Option<String>,
    /// Reranker: an imported model's folder; without one, passages stay as the search ranks them
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        env = "FOOTNOTE_RERANKER",
        hide_env_values = true
    )]
    pub reranker: Option<PathBuf>,
    /// Entailment model: an imported classifier's folder; gives a second opinion on the sentences of answers
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        env = "FOOTNOTE_ENTAILMENT",
        hide_env_values = true
    )]
    pub entailment: Option<PathBuf>,
    /// Prompt to try out in place of the one in use, for this run: its id of `footnote prompts list` and a file with
    /// the text, like answer.v1=mine.txt (repeat for more)
    #[arg(long = "prompt", global = true, value_name = "ID=FILE", value_parser = trial_prompt)]
    pub trial_prompts: Vec<(String, PathBuf)>,
}

fn trial_prompt(text: &str) -> Result<(String, PathBuf), String> {
    match text.split_once('=') {
        Some((id, file)) if !id.is_empty() && !file.is_empty() => Ok((id.into(), file.into())),
        _ => Err("a prompt is its id and a file, like answer.v1=mine.txt".into()),
    }
}

/// The commands.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Add files and folders; without a path, finish what was interrupted
    #[command(
        after_help = "Folders are searched for documents, sheets, slides, e-mail, web pages, text, source code, images and archives; \
hidden files and generated folders (node_modules, marked caches) are left out. Unchanged files \
cost nothing, changed ones replace their old text. Exits 1 if a file could not be read."
    )]
    Add {
        /// Files and folders
        paths: Vec<PathBuf>,
        /// Collection the documents join
        #[arg(long, default_value = DEFAULT_COLLECTION, value_name = "C")]
        collection: String,
        /// Only say what would be added: kinds, sizes, copies, what is left out, and how long it will take
        #[arg(long, requires = "paths", conflicts_with = "password_stdin")]
        dry_run: bool,
        /// For locked files
        #[command(flatten)]
        password: PasswordArgs,
    },
    /// Ask a question and get an answer with citations
    #[command(
        after_help = "With --json the last line is one object with the answer, its sentences with verdicts, \
its citations with quotes, the trace, timings and token counts. \"exact words\", -word, file:name, after:2023, \
before:2024-05 and lang:de narrow where the answer is looked for, as in `footnote search`."
    )]
    Ask {
        /// The question
        question: String,
        /// Where to look, in which conversation, and how words are chosen
        #[command(flatten)]
        ask: AskArgs,
        /// With --json: print every event as a line before the final object
        #[arg(long, requires = "json")]
        stream: bool,
    },
    /// Chat in the terminal
    Chat {
        /// Where to look, in which conversation, and how words are chosen
        #[command(flatten)]
        ask: AskArgs,
    },
    /// Find passages
    #[command(
        after_help = "\"exact words\" must stand in a passage, -word and -\"some words\" must not. file:name and -file:name \
go by the path (* and ? are wild, quotes hold spaces together), after:2023 and before:2024-05 by the date that the \
document says, lang:de by its language. The same holds in questions."
    )]
    Search {
        /// Words, and what narrows the search
        query: String,
        /// Number of passages
        #[arg(short = 'k', default_value_t = 10, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1000))]
        limit: u16,
        /// Passages of one document after which those of others come first
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
        per_document: Option<u16>,
        /// Which searches run
        #[arg(long, value_enum, default_value_t = Mode::Hybrid)]
        mode: Mode,
        /// Where to look
        #[command(flatten)]
        scope: ScopeArgs,
    },
    /// Say why a document was not found, or not used, for a question
    #[command(
        after_help = "Runs the question's search again and looks at every stage: what was asked, what the filters let through, \
whether the page has text, its ranks by meaning and by words, what was left out as a repeat or for want of room, and \
what a kept answer to the same question made of it."
    )]
    Why {
        /// The question, with its filters
        question: String,
        /// The document that should have been found
        #[arg(long, value_name = "PATH")]
        document: String,
        /// Only this page of it
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
        page: Option<u32>,
        /// Only the place where these words stand
        #[arg(long, value_name = "WORDS")]
        text: Option<String>,
        /// The question was asked of this collection only
        #[arg(long, value_name = "C")]
        collection: Option<String>,
        /// Leave a kept answer to the same question aside
        #[arg(long)]
        fresh: bool,
    },
    /// List, show, reread, remove or verify documents
    Documents {
        /// What to do
        #[command(subcommand)]
        command: DocumentsCommand,
    },
    /// List or rename collections, or move documents to one
    #[command(
        after_help = "A collection is there for as long as a document, a watched folder or a file that waits is in it. Moving costs no \
reading: all collections share one index."
    )]
    Collections {
        /// What to do
        #[command(subcommand)]
        command: CollectionsCommand,
    },
    /// Watch folders: what changes in them changes in the library
    #[command(
        after_help = "Changes are followed while `footnote watch run` or the window runs; what happened meanwhile is caught up \
with at the next start. A folder that is not there is offline, and its documents stay. Hidden files, generated \
folders and files that are locked or half written are left out; --ignore leaves out more."
    )]
    Watch {
        /// What to do
        #[command(subcommand)]
        command: WatchCommand,
    },
    /// List, pause, resume or retry index jobs
    Jobs {
        /// What to do
        #[command(subcommand)]
        command: JobsCommand,
    },
    /// Say how a conversation's answers came about, or write that for OpenTelemetry tools
    #[command(
        after_help = "With --otlp the traces are written as OTLP in JSON, a line an answer, with the names of the gen_ai \
conventions: models, durations, token counts, scores. No word of a question, an answer or a document is in them unless \
--texts is given. Nothing is sent anywhere. With --json and without --otlp, the traces are printed as they were saved."
    )]
    Trace {
        /// The conversation's id, or the beginning of it
        conversation: String,
        /// Only this answer of it, counted from 1
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
        turn: Option<u32>,
        /// Write them to this file, which must not be there yet
        #[arg(long, value_name = "FILE")]
        otlp: Option<PathBuf>,
        /// With --otlp: questions, passages, prompts and answers, too
        #[arg(long, requires = "otlp")]
        texts: bool,
        /// Mask e-mail addresses, telephone numbers, IBANs, payment cards, national ids and IP addresses; names and
        /// postal addresses, too, if the model `rampart` is here
        #[arg(long)]
        mask: bool,
    },
    /// List, search, show, export, rename, pin or remove conversations
    Conversations {
        /// What to do
        #[command(subcommand)]
        command: ConversationsCommand,
    },
    /// Print a file's pages as the indexer sees them
    Extract {
        /// The file
        file: PathBuf,
        /// If it is locked
        #[command(flatten)]
        password: PasswordArgs,
    },
    /// List, fetch, import, choose, remove, verify or measure models
    Models {
        /// What to do
        #[command(subcommand)]
        command: ModelsCommand,
    },
    /// List, show, edit or go back to what the model is told to do
    #[command(
        after_help = "Each prompt comes with Footnote (copy 0), and every text that you make of it is kept as a copy of its own, so \
that any can be gone back to. The one in use is in the trace of every answer, as answer.v1+2. Only what could not be \
understood is refused: prompts for answers must say NOT FOUND, for instance."
    )]
    Prompts {
        /// What to do
        #[command(subcommand)]
        command: PromptsCommand,
    },
    /// Measure quality on a question set
    Eval {
        /// Write a report for a browser to this file, which must not be there yet
        #[arg(long, global = true, value_name = "FILE")]
        html: Option<PathBuf>,
        /// What to measure
        #[command(subcommand)]
        command: EvalCommand,
    },
    /// Say where the data folder is, or move it
    #[command(
        after_help = "The index, the register of documents, conversations and the choice of models are in the data folder; \
your documents and the models are not. A move copies, compares every byte and opens the copy before it is used; until then \
the old folder stays as it is, and an interrupted move leaves it in use. Only what Footnote put there is moved or deleted."
    )]
    Data {
        /// What to do
        #[command(subcommand)]
        command: DataCommand,
    },
    /// Check machine, runtime, models and index, and say what to do
    #[command(
        after_help = "With --bundle a text for whoever helps you is written as well: versions, machine, models, counts of documents \
and jobs, kinds of errors and the last lines of the log. No text, question, or name of a file, folder or person is in it; \
read it before you give it away. Nothing is sent."
    )]
    Doctor {
        /// Hash all model files and re-read every chunk
        #[arg(long)]
        full: bool,
        /// Write diagnostics to this file, which must not be there yet
        #[arg(long, value_name = "FILE")]
        bundle: Option<PathBuf>,
    },
    /// Print a completion script
    Completions {
        /// Your shell
        shell: clap_complete::Shell,
    },
}

/// How a locked file's password is given.
#[derive(Args, Debug, Clone, Copy)]
pub struct PasswordArgs {
    /// Read the password of locked files from the first line of standard input; a terminal is asked otherwise.
    /// It is kept for this reading only
    #[arg(long)]
    pub password_stdin: bool,
}

/// Where to look.
#[derive(Args, Debug, Clone, Default)]
pub struct ScopeArgs {
    /// Only this collection
    #[arg(long, value_name = "C")]
    pub collection: Option<String>,
    /// Only this document (repeat for more)
    #[arg(long = "document", value_name = "PATH")]
    pub documents: Vec<PathBuf>,
}

/// What a question takes besides its words.
#[derive(Args, Debug, Clone)]
pub struct AskArgs {
    /// Where to look
    #[command(flatten)]
    pub scope: ScopeArgs,
    /// Continue this conversation
    #[arg(long, value_name = "ID")]
    pub conversation: Option<String>,
    /// How words are chosen
    #[arg(long, value_enum, default_value_t = SamplingArg::Precise, value_name = "HOW")]
    sampling: SamplingArg,
    /// With --sampling advised: the same seed gives the same text
    #[arg(long, default_value_t = 0, value_name = "N")]
    seed: u64,
    /// What becomes of sentences that no passage carries
    #[arg(long, value_enum, default_value_t = UnprovedArg::Marked, value_name = "HOW")]
    unproved: UnprovedArg,
}

impl AskArgs {
    /// What becomes of sentences that no passage carries.
    pub fn unproved(&self) -> Unproved {
        match self.unproved {
            UnprovedArg::Marked => Unproved::Marked,
            UnprovedArg::Removed => Unproved::Removed,
        }
    }

    /// How words are chosen.
    pub fn sampling(&self) -> Sampling {
        match self.sampling {
            SamplingArg::Precise => Sampling::Greedy,
            SamplingArg::Advised => Sampling::Advised { seed: self.seed },
        }
    }
}

/// What becomes of sentences that no passage carries.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
enum UnprovedArg {
    /// They stay, and are told
    Marked,
    /// They are left out, and counted
    Removed,
}

/// How words are chosen.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
enum SamplingArg {
    /// Always the most probable word
    Precise,
    /// As the model's publisher advises: livelier, less exact
    Advised,
}

/// Which searches run.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Meaning and words, fused
    Hybrid,
    /// Meaning only
    Vector,
    /// Words only
    Text,
}

impl From<Mode> for SearchMode {
    fn from(mode: Mode) -> Self {
        match mode {
            Mode::Hybrid => SearchMode::Hybrid,
            Mode::Vector => SearchMode::Vector,
            Mode::Text => SearchMode::Text,
        }
    }
}

/// Commands on documents.
#[derive(Subcommand, Debug)]
pub enum DocumentsCommand {
    /// All documents
    List,
    /// One document with its warnings and its history
    Show {
        /// Path or id
        document: String,
    },
    /// Read documents again, even if their files did not change
    #[command(
        after_help = "What was read before is searched until then, and stays if a file cannot be read. Text that is the \
same is not embedded again."
    )]
    Reread {
        /// Paths or ids
        #[arg(required = true)]
        documents: Vec<String>,
        #[command(flatten)]
        password: PasswordArgs,
    },
    /// Remove documents; what answers quote stays, unless said (the files themselves stay)
    Remove {
        /// Paths or ids
        #[arg(required = true)]
        documents: Vec<String>,
        /// Take out of saved answers and cases what they quote from it, too
        #[arg(long)]
        with_quotes: bool,
        /// Do not ask
        #[arg(long, short)]
        yes: bool,
    },
    /// Compare files, pages and index of all documents
    Verify,
}

/// Commands on collections.
#[derive(Subcommand, Debug)]
pub enum CollectionsCommand {
    /// All collections with their documents
    List,
    /// Give a collection another name
    Rename {
        /// Its name
        from: String,
        /// The new one
        to: String,
    },
    /// Move documents to a collection; exits 1 if one stayed because the collection has the same file
    Move {
        /// The collection; made if it is not there
        collection: String,
        /// Paths or ids
        #[arg(required = true)]
        documents: Vec<String>,
    },
}

/// Commands on watched folders.
#[derive(Subcommand, Debug)]
pub enum WatchCommand {
    /// Watch a folder
    Add {
        /// The folder
        folder: PathBuf,
        /// Collection its documents join
        #[arg(long, default_value = DEFAULT_COLLECTION, value_name = "C")]
        collection: String,
        /// Leave out what this pattern of `.gitignore` matches (repeat for more)
        #[arg(long, value_name = "PATTERN")]
        ignore: Vec<String>,
    },
    /// All watched folders with what is going on in each
    List,
    /// Say which files of a folder are left out, in place of what was said before
    Ignore {
        /// The folder
        folder: PathBuf,
        /// Patterns of `.gitignore`; none: only the usual is left out
        patterns: Vec<String>,
    },
    /// Have a folder's files join another collection, and move its documents there
    Move {
        /// The folder
        folder: PathBuf,
        /// The collection; a new name makes one
        collection: String,
    },
    /// Stop watching a folder; its documents stay, unless said
    Remove {
        /// The folder
        folder: PathBuf,
        /// Remove its documents, too (the files themselves stay)
        #[arg(long)]
        documents: bool,
        /// And take out of saved answers and cases what they quote from them
        #[arg(long, requires = "documents")]
        with_quotes: bool,
        /// Do not ask
        #[arg(long, short)]
        yes: bool,
    },
    /// Leave a folder's changes alone for now
    Pause {
        /// The folder
        folder: PathBuf,
    },
    /// Take a folder's changes up again
    Resume {
        /// The folder
        folder: PathBuf,
    },
    /// Follow all watched folders until Ctrl-C
    Run {
        /// Remove documents even if more than half of a folder's files went away at once; else they stay
        #[arg(long)]
        remove_many: bool,
    },
}

/// Commands on the data folder.
#[derive(Subcommand, Debug)]
pub enum DataCommand {
    /// Where it is, how it was told, and its size
    Show,
    /// Move it to an empty folder, which is made if it is not there
    Move {
        /// The folder
        dir: PathBuf,
        /// Delete the data in the old folder once the copy is in use
        #[arg(long)]
        delete_old: bool,
    },
}

/// Commands on index jobs.
#[derive(Subcommand, Debug)]
pub enum JobsCommand {
    /// Jobs that wait or failed
    List,
    /// Pause indexing, also for the window, until it is resumed
    Pause,
    /// End a pause; `footnote add` or the window then reads what waits
    Resume,
    /// Run failed jobs again: those named, or all that need no password
    Retry {
        /// Ids, as `footnote jobs list` shows them
        jobs: Vec<String>,
    },
}

/// Commands on conversations. An id may be cut short, as long as it is clear which one is meant.
#[derive(Subcommand, Debug)]
pub enum ConversationsCommand {
    /// All conversations, pinned ones first, then the latest
    List {
        /// Only those that have all of these words
        #[arg(long, value_name = "WORDS")]
        search: Option<String>,
    },
    /// One conversation with its answers and their sources
    Show {
        /// Its id, or the beginning of it
        conversation: String,
    },
    /// Write a conversation with its citations
    Export {
        /// Its id, or the beginning of it
        conversation: String,
        /// Form of the file; JSON has everything that was saved
        #[arg(long, value_enum, default_value_t = ExportArg::Markdown, value_name = "FORM")]
        format: ExportArg,
        /// File to write, which must not be there yet; standard output if none is named
        #[arg(long, short, value_name = "FILE")]
        output: Option<PathBuf>,
        /// Mask e-mail addresses, telephone numbers, IBANs, payment cards, national ids and IP addresses; names and
        /// postal addresses, too, if the model `rampart` is here
        #[arg(long)]
        mask: bool,
    },
    /// Give a conversation another title
    Rename {
        /// Its id, or the beginning of it
        conversation: String,
        /// The title
        title: String,
    },
    /// Keep a conversation at the top
    Pin {
        /// Its id, or the beginning of it
        conversation: String,
        /// Let it go again
        #[arg(long)]
        off: bool,
    },
    /// Remove conversations with their answers
    Remove {
        /// Their ids, or the beginnings of them
        #[arg(required = true)]
        conversations: Vec<String>,
        /// Do not ask
        #[arg(long, short)]
        yes: bool,
    },
}

/// What `prompts` does.
#[derive(Subcommand, Debug)]
pub enum PromptsCommand {
    /// List the prompts, and which copy of each is in use
    List,
    /// Show the text of a prompt
    Show {
        /// Its id
        prompt: String,
        /// Which copy; 0 is the one that comes with Footnote (default: the one in use)
        #[arg(long, value_name = "N")]
        copy: Option<u32>,
    },
    /// Show what was changed in a prompt, line by line
    Diff {
        /// Its id
        prompt: String,
        /// The copy to begin with; 0 is the one that comes with Footnote
        #[arg(long, value_name = "N", default_value_t = 0)]
        from: u32,
        /// The copy to end with (default: the one in use)
        #[arg(long, value_name = "N")]
        to: Option<u32>,
    },
    /// Make a copy with another text, and use it
    Edit {
        /// Its id
        prompt: String,
        /// The new text; - reads standard input. Without a file, your editor opens ($VISUAL or $EDITOR)
        file: Option<PathBuf>,
    },
    /// Use a copy from the next question on
    Use {
        /// The prompt's id
        prompt: String,
        /// Which copy; 0 is the one that comes with Footnote
        copy: u32,
    },
    /// Ask your own cases with the prompt in use and with another text, and compare; nothing is kept
    Try {
        /// The prompt's id
        prompt: String,
        /// The text to try; - reads standard input
        file: PathBuf,
    },
}

/// Form of an exported conversation.
#[derive(ValueEnum, Clone, Copy, Debug)]
pub enum ExportArg {
    /// Text with marks, for notes and mail
    Markdown,
    /// One page for a browser
    Html,
    /// Everything that was saved
    Json,
}

impl From<ExportArg> for ExportFormat {
    fn from(form: ExportArg) -> Self {
        match form {
            ExportArg::Markdown => Self::Markdown,
            ExportArg::Html => Self::Html,
            ExportArg::Json => Self::Json,
        }
    }
}

/// Commands on models.
#[derive(Subcommand, Debug)]
pub enum ModelsCommand {
    /// All models of the catalog, and imported ones
    List,
    /// Fetch the default models, or the ones named
    Fetch {
        /// Ids
        models: Vec<String>,
    },
    /// Import a GGUF file, or a folder of safetensors
    Import {
        /// The file or folder
        file: PathBuf,
        /// Nearer to the original, or quicker; GGUF files are imported fast, folders exact, unless said
        #[arg(long, value_enum)]
        profile: Option<ProfileArg>,
    },
    /// Use a model from now on, here and in the window, once it has computed something
    Use {
        /// An id of `footnote models list`, `imported/NAME`, or an imported model's folder
        model: String,
        /// Do not ask before all documents are read anew for another embedder
        #[arg(long, short)]
        yes: bool,
    },
    /// Do without a role's model from now on; it stays on the disk
    Stop {
        /// Whose model
        #[arg(value_enum)]
        role: OptionalRoleArg,
    },
    /// Use the model again that a role had before
    Rollback {
        /// Whose model
        #[arg(value_enum)]
        role: RoleArg,
        /// Do not ask before all documents are read anew for another embedder
        #[arg(long, short)]
        yes: bool,
    },
    /// Take a model off the disk (a file that it was imported from stays)
    Remove {
        /// An id of `footnote models list`, `imported/NAME`, or an imported model's folder
        model: String,
        /// Do not ask
        #[arg(long, short)]
        yes: bool,
    },
    /// Hash the files of all models that are there
    Verify,
    /// Measure the models in use on this machine
    Bench,
}

/// A role whose model can be chosen.
#[derive(ValueEnum, Clone, Copy, Debug)]
pub enum RoleArg {
    /// Turns texts into vectors
    Embedder,
    /// Writes answers
    Generator,
    /// Orders passages
    Reranker,
    /// Checks sentences
    Grounder,
}

/// A role that Footnote also works without.
#[derive(ValueEnum, Clone, Copy, Debug)]
pub enum OptionalRoleArg {
    /// Orders passages
    Reranker,
    /// Checks sentences
    Grounder,
}

/// A trade between exactness and speed.
#[derive(ValueEnum, Clone, Copy, Debug)]
pub enum ProfileArg {
    /// As exact as the operators allow
    Exact,
    /// Eight bits in large blocks: quicker, and a little further from the original
    Fast,
}

/// Evaluations.
#[derive(Subcommand, Debug)]
pub enum EvalCommand {
    /// A folder in BEIR form (corpus.jsonl or a folder documents, queries.jsonl, qrels/test.tsv)
    Retrieval {
        /// The folder
        dir: PathBuf,
    },
    /// A folder of documents (documents/) with questions (questions.jsonl): answers, citations, abstentions
    Answers(AnswersArgs),
    /// A folder of documents (documents/) with questions (questions.jsonl): how long the parts of an answer take
    #[command(
        after_help = "Each question is asked twice: as it is, and again with a word more, which is how a question goes that \
finds the same passages. With --json a line per question comes first."
    )]
    Latency(LatencyArgs),
    /// A folder of documents (documents/): whether a sentence with one changed fact is noticed
    Grounding {
        /// The folder
        dir: PathBuf,
        /// Sentences to change
        #[arg(long, default_value_t = 200, value_name = "N")]
        count: usize,
    },
    /// A folder of documents without and with instructions to the model (clean/, attacked/) and questions
    /// (questions.jsonl): whether answers obey them
    Injection {
        /// The folder
        dir: PathBuf,
        /// Ask the first N questions only
        #[arg(long, value_name = "N")]
        limit: Option<usize>,
    },
    /// Your own cases, asked of your documents: answers that were confirmed or corrected in the window
    #[command(
        after_help = "Cases are kept in the data folder. Without an option each is asked, and judged: it passes if the answer \
says what is expected and cites the words expected, or abstains where that is expected. Exits 1 if one fails. With \
--json the output is a run that `footnote eval compare` reads. --export and --import take the form of questions.jsonl."
    )]
    Cases(CasesArgs),
    /// Two runs that were printed with --json: every measure's difference, with its interval
    Compare {
        /// The file of the first run
        first: PathBuf,
        /// The file of the second
        second: PathBuf,
    },
    /// A folder of texts (corpora/) with questions and the places that answer them (questions.jsonl)
    Chunking {
        /// The folder
        dir: PathBuf,
    },
}

/// What `eval cases` does.
#[derive(Args, Debug)]
pub struct CasesArgs {
    /// List them without asking
    #[arg(long)]
    pub list: bool,
    /// Write them to this file, which must not be there yet, a JSON object a line
    #[arg(long, value_name = "FILE", conflicts_with_all = ["list", "import", "remove"])]
    pub export: Option<PathBuf>,
    /// Add the cases of this file; those with the same id are replaced
    #[arg(long, value_name = "FILE", conflicts_with_all = ["list", "remove"])]
    pub import: Option<PathBuf>,
    /// Delete this case (repeat for more)
    #[arg(long, value_name = "ID", conflicts_with = "list")]
    pub remove: Vec<String>,
}

/// A set of questions.
#[derive(Args, Debug)]
pub struct SetArgs {
    /// The folder
    pub dir: PathBuf,
    /// Keep the index in this folder, and use what is there already
    #[arg(long, value_name = "DIR")]
    pub index: Option<PathBuf>,
    /// Ask the first N questions only
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
}

/// What `eval latency` asks.
#[derive(Args, Debug)]
pub struct LatencyArgs {
    /// The questions
    #[command(flatten)]
    pub set: SetArgs,
    /// Exit with 1 if a figure is out of the bounds of this file (TOML, like `[p95]` and `passages_ms = { most = 150 }`)
    #[arg(long, value_name = "FILE")]
    pub gate: Option<PathBuf>,
}

/// What `eval answers` asks.
#[derive(Args, Debug)]
pub struct AnswersArgs {
    /// The questions
    #[command(flatten)]
    pub set: SetArgs,
    /// Hide each question's own document: every question is to be abstained from
    #[arg(long)]
    pub without_source: bool,
    /// Exit with 1 if a measure is out of the bounds of this file (TOML, like `[all]` and `right = { least = 0.8 }`)
    #[arg(long, value_name = "FILE")]
    pub gate: Option<PathBuf>,
}
