package org.mirror4j.checkpoint;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * A file that is written bit by bit and appears under its name whole or not at all, as {@link
 * AtomicFiles} describes. Where the content is at hand, {@link AtomicFiles#writeFile} is shorter.
 */
public final class AtomicFile implements AutoCloseable {
  private final Path target;
  private final Path temporary;
  private final FileChannel channel;

  /**
   * Begins a file.
   *
   * @throws CheckpointException if the target is a directory
   * @throws UncheckedIOException if the directory of the target is absent or cannot be written to
   */
  public AtomicFile(Path target) {
    try {
      this.target = AtomicFiles.realTarget(target);
      Path directory = this.target.getParent();
      if (Files.isDirectory(this.target)) {
        throw new CheckpointException(target + ": is a directory, expected a file or nothing");
      }
      if (!Files.isDirectory(directory)) {
        throw new UncheckedIOException(
            "%s: no such directory: %s".formatted(target, directory),
            new NoSuchFileException(directory.toString()));
      }
      temporary = AtomicFiles.temporary(this.target);
      channel =
          FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw failure(target, e);
    }
  }

  /** Takes the content; not to be closed. */
  FileChannel channel() {
    return channel;
  }

  /**
   * Appends the remaining bytes.
   *
   * @throws UncheckedIOException if writing fails
   */
  public void write(ByteBuffer bytes) {
    try {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    } catch (IOException e) {
      throw failure(target, e);
    }
  }

  /**
   * Overwrites the beginning of the file.
   *
   * @throws UncheckedIOException if writing fails
   */
  public void rewriteStart(ByteBuffer bytes) {
    try {
      long position = 0;
      while (bytes.hasRemaining()) {
        position += channel.write(bytes, position);
      }
    } catch (IOException e) {
      throw failure(target, e);
    }
  }

  /**
   * Gives the file its name, replacing one that was there. Nothing can be written afterwards.
   *
   * @throws UncheckedIOException if writing fails; nothing has changed then
   */
  public void commit() {
    try {
      channel.force(true);
      channel.close();
      Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
      AtomicFiles.force(target.getParent());
    } catch (IOException e) {
      throw failure(target, e);
    }
  }

  /** Without a {@link #commit} before, removes all that was written. */
  @Override
  public void close() {
    try {
      channel.close();
      Files.deleteIfExists(temporary);
    } catch (IOException e) {
      throw failure(target, e);
    }
  }

  private static UncheckedIOException failure(Path target, IOException e) {
    return new UncheckedIOException("cannot write %s: %s".formatted(target, e.getMessage()), e);
  }
}
