use std::collections::BTreeMap;
use std::sync::Mutex;

use footnote_core::ports::Ledger;
use tokio_util::sync::CancellationToken;

use super::*;
use crate::SqliteLedger;

/// A system with a default folder that has data in it.
struct World {
    dir: tempfile::TempDir,
}

impl World {
    async fn new() -> Self {
        let world = Self {
            dir: tempfile::tempdir().unwrap(),
        };
        let default = world.default();
        let ledger = SqliteLedger::open(default.join("ledger.sqlite")).unwrap();
        ledger.set_paused(true).await.unwrap();
        std::fs::create_dir_all(default.join("index/chunks.lance/data")).unwrap();
        std::fs::write(default.join("index/chunks.lance/data/1.lance"), vec![7; 3 << 20]).unwrap();
        std::fs::write(default.join("models.json"), "{}").unwrap();
        std::fs::write(default.join("window.json"), "{}").unwrap();
        std::fs::write(default.join("a note of the user.txt"), "mine").unwrap();
        world
    }

    fn default(&self) -> PathBuf {
        self.dir.path().join("share/footnote")
    }

    fn to(&self) -> PathBuf {
        self.dir.path().join("disk/Footnote data")
    }

    fn found(&self) -> DataDir {
        DataDir::find_from(None, self.default())
    }

    fn copy(&self, to: &Path) -> Result<Move> {
        Move::copy(self.found().path(), to, None, &|_| {}, &CancellationToken::new())
    }

    /// Every file below the default folder, with a hash of its bytes; but for the register, whose journal is brought to an end.
    fn tree(&self) -> BTreeMap<PathBuf, String> {
        let mut tree = BTreeMap::new();
        let mut folders = vec![self.default()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if !path.to_string_lossy().contains("ledger.sqlite") {
                    tree.insert(
                        path.clone(),
                        blake3::hash(&std::fs::read(path).unwrap()).to_string(),
                    );
                }
            }
        }
        tree
    }
}

async fn is_paused(dir: &Path) -> bool {
    SqliteLedger::open(dir.join("ledger.sqlite"))
        .unwrap()
        .paused()
        .await
        .unwrap()
}

#[tokio::test]
async fn data_is_moved_found_again_and_moved_back() {
    let world = World::new().await;
    let lock = world.found().acquire().unwrap();
    let heard = Mutex::new(Vec::new());
    let told = |progress| heard.lock().unwrap().push(progress);
    let cancel = CancellationToken::new();
    let moving = Move::copy(&world.default(), &world.to(), Some(1 << 30), &told, &cancel).unwrap();
    assert_eq!(
        world.found().origin(),
        Origin::Default,
        "nothing is switched before the copy was looked at"
    );
    assert!(is_paused(moving.copy_dir()).await);
    let (data, held) = moving.finish(&world.found()).unwrap();
    assert_eq!((data.path(), data.origin()), (&*world.to(), Origin::Moved));
    assert_eq!(data.machine(), world.default());
    assert_eq!(held.dir(), world.to());
    drop((lock, held));

    let heard = heard.into_inner().unwrap();
    let stages: Vec<_> = [MoveStage::Copying, MoveStage::Comparing]
        .map(|stage| {
            heard
                .iter()
                .filter(|p| p.stage == stage)
                .map(|p| (p.done, p.total))
                .max()
                .unwrap()
        })
        .to_vec();
    assert!(
        stages
            .iter()
            .all(|(done, total)| done == total && *total > 3 << 20),
        "{stages:?}"
    );

    let data = world.found();
    assert_eq!(data.path(), world.to());
    let lock = data.acquire().unwrap();
    assert!(is_paused(data.path()).await);
    assert!(!world.to().join("footnote-moving").exists());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(world.to().join("ledger.sqlite"))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    assert_eq!(remove_data(&world.default()).unwrap(), Removed::All);
    let left: Vec<_> = world
        .tree()
        .into_keys()
        .map(|path| path.file_name().unwrap().to_owned())
        .collect();
    assert_eq!(
        left,
        ["a note of the user.txt", "data-folder.json", "window.json"]
    );

    std::fs::remove_file(world.default().join("a note of the user.txt")).unwrap();
    let back = world.copy(&world.default()).unwrap();
    let (data, _held) = back.finish(&world.found()).unwrap();
    assert_eq!((data.path(), data.origin()), (&*world.default(), Origin::Default));
    assert!(is_paused(data.path()).await);
    drop(lock);
    assert_eq!(remove_data(&world.to()).unwrap(), Removed::All);
    assert!(!world.to().exists());
}

#[tokio::test]
async fn a_move_that_is_stopped_leaves_the_old_folder_in_use_and_nothing_behind() {
    let world = World::new().await;
    let before = world.tree();
    for stop_at in [MoveStage::Copying, MoveStage::Comparing] {
        let cancel = CancellationToken::new();
        let stop = |progress: MoveProgress| {
            if progress.stage == stop_at {
                cancel.cancel();
            }
        };
        let error = Move::copy(&world.default(), &world.to(), None, &stop, &cancel)
            .err()
            .unwrap();
        assert!(error.is_canceled(), "{error}");
        assert!(!world.to().exists());
        assert_eq!(world.found().origin(), Origin::Default);
    }
    drop(world.copy(&world.to()).unwrap());
    assert!(!world.to().exists(), "a copy that did not open is taken away");
    assert_eq!(world.tree(), before);
    assert!(is_paused(&world.default()).await);
}

#[tokio::test]
async fn a_copy_that_a_kill_left_is_begun_anew() {
    let world = World::new().await;
    std::fs::create_dir_all(world.to().join("index")).unwrap();
    std::fs::write(world.to().join("footnote-moving"), "").unwrap();
    std::fs::write(world.to().join("index/half"), "ha").unwrap();
    let moving = world.copy(&world.to()).unwrap();
    assert!(!world.to().join("index/half").exists());
    moving.finish(&world.found()).unwrap();
    assert!(is_paused(&world.to()).await);
}

#[tokio::test]
async fn folders_that_will_not_do_are_refused_with_what_to_do() {
    let world = World::new().await;
    let before = world.tree();
    let taken = world.dir.path().join("Photos");
    std::fs::create_dir_all(&taken).unwrap();
    std::fs::write(taken.join("1.jpg"), "x").unwrap();
    for (to, why) in [
        (taken.clone(), "is not empty"),
        (world.default().join("inside"), "lie in each other"),
        (world.dir.path().join("share"), "lie in each other"),
        (world.default(), "lie in each other"),
        (taken.join("1.jpg"), "1.jpg"),
    ] {
        let error = world.copy(&to).err().unwrap();
        assert!(error.message.contains(why), "{}: {error}", to.display());
    }
    let cancel = CancellationToken::new();
    let error = Move::copy(&world.default(), &world.to(), Some(1 << 20), &|_| {}, &cancel)
        .err()
        .unwrap();
    assert_eq!(error.code, Some(ErrorCode::DiskFull));
    assert!(!world.to().exists());
    assert_eq!(std::fs::read(taken.join("1.jpg")).unwrap(), b"x");
    assert_eq!(world.tree(), before);
}

#[tokio::test]
async fn what_is_written_meanwhile_is_noticed() {
    let world = World::new().await;
    let moving = world.copy(&world.to()).unwrap();
    SqliteLedger::open(world.default().join("ledger.sqlite"))
        .unwrap()
        .set_paused(false)
        .await
        .unwrap();
    let error = moving.finish(&world.found()).err().unwrap();
    assert!(error.message.contains("changed while it was copied"), "{error}");
    assert_eq!(world.found().origin(), Origin::Default);
    assert!(!world.to().exists());
}

#[tokio::test]
async fn data_on_a_drive_that_is_unplugged_is_not_replaced_by_an_empty_library() {
    let world = World::new().await;
    world.copy(&world.to()).unwrap().finish(&world.found()).unwrap();
    std::fs::rename(world.to(), world.dir.path().join("unplugged")).unwrap();
    let error = world.found().acquire().unwrap_err();
    assert_eq!(error.code, Some(ErrorCode::NotFound));
    assert!(error.hint.unwrap().contains("data-folder.json"));
    assert!(!world.to().exists());
}

#[tokio::test]
async fn a_named_folder_is_taken_as_it_is_and_a_broken_pointer_is_an_error() {
    let world = World::new().await;
    world.copy(&world.to()).unwrap().finish(&world.found()).unwrap();
    let named = DataDir::find_from(Some(world.default()), world.default());
    assert_eq!((named.path(), named.origin()), (&*world.default(), Origin::Named));

    for broken in [
        "",
        "{\"version\":9,\"path\":\"/x\"}",
        "{\"version\":1,\"path\":\"x\"}",
    ] {
        std::fs::write(world.default().join(POINTER), broken).unwrap();
        let error = world.found().acquire().unwrap_err();
        assert!(
            error.message.contains("does not say where the data is"),
            "{error}"
        );
        assert!(error.hint.unwrap().contains("--data-dir"));
    }
}
