# Prints where packages can be downloaded, as JSON: {"NAME": {"url": ..., "sha256": ...}}.
# Arguments: NAME==VERSION...  The user's own pip does the asking, so its index, mirror, proxy and
# certificate settings hold. The finder only lists; `pip install --dry-run` downloads whole archives
# in pip before 23.3, which is why it comes second.
import json
import subprocess
import sys
import tempfile


def rank(filename):
    if filename.endswith("-none-any.whl"):
        return 0
    return 1 if "x86_64" in filename else 2


def with_finder(wanted):
    from pip._internal.commands.install import InstallCommand

    command = InstallCommand("install", "resolve")
    options, _ = command.parse_args(["--retries", "2", "--timeout", "15", "x"])
    session = command._build_session(options)
    finder = command._build_package_finder(options=options, session=session, ignore_requires_python=True)
    found = {}
    for name, version in wanted:
        links = [c.link for c in finder.find_all_candidates(name) if str(c.version) == version]
        wheels = sorted((l for l in links if l.filename.endswith(".whl")), key=lambda l: rank(l.filename))
        if wheels:
            link = wheels[0]
            sha256 = link.hash if link.hash_name == "sha256" else None
            found[name] = {"url": link.url.split("#")[0], "sha256": sha256}
    return found


def with_report(wanted):
    found = {}
    for name, version in wanted:
        with tempfile.TemporaryDirectory() as target:
            base = [sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed", "--no-deps"]
            base += ["--ignore-requires-python", "--only-binary=:all:", "--quiet", "--retries", "2"]
            base += ["--target", target, "--report", "-", name + "==" + version]
            done = subprocess.run(base, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            if done.returncode != 0:
                sys.stderr.write(done.stderr.decode("utf-8", "replace"))
                continue
            info = json.loads(done.stdout.decode("utf-8"))["install"][0]["download_info"]
            archive = info.get("archive_info", {})
            sha256 = archive.get("hashes", {}).get("sha256")
            if not sha256 and archive.get("hash", "").startswith("sha256="):
                sha256 = archive["hash"][len("sha256="):]
            found[name] = {"url": info["url"], "sha256": sha256}
    return found


def main():
    wanted = [tuple(argument.split("==", 1)) for argument in sys.argv[1:]]
    try:
        import pip  # noqa: F401
    except ImportError:
        sys.stderr.write("no pip")
        return 3
    try:
        found = with_finder(wanted)
    except Exception as error:  # private interface: any change of it must lead to the public one
        sys.stderr.write("finder: %r\n" % (error,))
        found = with_report(wanted)
    print(json.dumps(found))
    return 0


sys.exit(main())
