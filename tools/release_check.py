"""Release twice, the second time into the bucket of a local S3: `make release-check`.

The archives of both releases must have the same checksums. The bucket must contain each archive of
dist/, and each object that the packaged template names. No AWS account is needed.
"""

import hashlib
import os
import re
import subprocess
import sys

from tools import release
from tools.local.start import running

BUCKET = "callvault-release"
TEMPLATES = {"template.yaml", "packaged.yaml"}


def sums() -> dict[str, str]:
    """Return the checksums of the archives in dist/, by file name."""
    lines = (release.DIST / "SHA256SUMS").read_text().splitlines()
    found = {name: digest for digest, name in (line.split("  ") for line in lines)}
    return {name: digest for name, digest in found.items() if name not in TEMPLATES}


def make(*arguments: str, **environment: str) -> None:
    """Run make; raise CalledProcessError if it fails."""
    subprocess.run(["make", *arguments], cwd=release.ROOT, env=os.environ | environment, check=True)


def main() -> int:
    """Release twice, compare, and return the exit status."""
    make("release")
    first = sums()
    with running() as stack:
        s3 = stack.client("s3")
        s3.create_bucket(Bucket=BUCKET)
        make("release", f"BUCKET={BUCKET}", **stack.aws_environment())
        listed = s3.list_objects_v2(Bucket=BUCKET)["Contents"]
        bodies = [s3.get_object(Bucket=BUCKET, Key=one["Key"])["Body"].read() for one in listed]
    uploaded = {hashlib.sha256(body).hexdigest() for body in bodies}
    named = re.findall(rf"s3://{BUCKET}/(\w+)", (release.DIST / "packaged.yaml").read_text())
    problems = [f"{name} differs between two releases" for name in first if sums().get(name) != first[name]]
    problems += [f"{name} is not in the bucket" for name, digest in first.items() if digest not in uploaded]
    problems += [f"{key} is named but not in the bucket" for key in set(named) - {one["Key"] for one in listed}]
    problems += [] if named else ["The packaged template names nothing in the bucket"]
    print("\n".join(problems) or f"{len(first)} archives, the same in two releases and in the bucket")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
