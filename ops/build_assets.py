"""Writes the front-end files under hashed names beside their brotli and gzip forms: `python -m ops.build_assets`."""

from pathlib import Path

from whitenoise.compress import Compressor

from pages.web.assets import BUILT, Asset, assets


def build(target: Path = BUILT) -> int:
    """Bring `target` up to date; how many files were written. Files of older builds go."""
    target.mkdir(parents=True, exist_ok=True)
    wanted = assets().values()
    keep = {asset.file + ending for asset in wanted for ending in ("", ".br", ".gz")}
    for path in target.iterdir():
        if path.name not in keep:
            path.unlink()
    return sum(_write(target, asset) for asset in wanted)


def _write(target: Path, asset: Asset) -> bool:
    path = target / asset.file
    if path.is_file():
        return False
    if Compressor().should_compress(asset.file):
        (target / f"{asset.file}.br").write_bytes(Compressor.compress_brotli(asset.content))
        (target / f"{asset.file}.gz").write_bytes(Compressor.compress_gzip(asset.content))
    partial = target / f"{asset.file}.partial"  # the plain file comes last: it says that all three are there
    partial.write_bytes(asset.content)
    partial.rename(path)
    return True


if __name__ == "__main__":
    print(
        f"static: {build()} files written to {BUILT.relative_to(Path.cwd()) if BUILT.is_relative_to(Path.cwd()) else BUILT}"
    )
