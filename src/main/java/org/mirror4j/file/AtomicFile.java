package org.mirror4j.file;

import java.io.IOException;
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
  private final OutputLock lock;
  private final Path target;
  private final Path temporary;
  private final FileChannel channel;

  /**
   * Begins a file and locks it until this is closed.
   *
   * @throws FileException if the target is there and no file (a directory or a device, say), or is
   *     being written by another process or thread
   * @throws FileException if the directory of the target is absent or cannot be written to
   */
  public AtomicFile(Path target) {
    checkFree(target);
    lock = OutputLock.of(target);
    this.target = lock.target();
    temporary = lock.temporary();
    try {
      channel =
          FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    } catch (IOException e) {
      lock.close();
      throw failure(target, e);
    }
  }

  private static void checkFree(Path target) {
    if (Files.isDirectory(target)) {
      throw new FileException(target + ": is a directory, expected a file or nothing");
    }
    // A rename would put a file in the place of a device.
    if (Files.exists(target) && !Files.isRegularFile(target)) {
      throw new FileException(target + ": is no regular file, expected a file or nothing");
    }
    Path directory = target.toAbsolutePath().getParent();
    if (directory != null && !Files.isDirectory(directory)) {
      throw new FileException(
          "%s: no such directory: %s".formatted(target, directory),
          new NoSuchFileException(directory.toString()));
    }
  }

  /** Takes the content; not to be closed. */
  FileChannel channel() {
    return channel;
  }

  /**
   * Appends the remaining bytes.
   *
   * @throws FileException if writing fails
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
   * @throws FileException if writing fails
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
   * Waits until the disk has what was written, which {@link #commit} then need not wait for.
   *
   * @throws FileException if writing fails
   */
  public void force() {
    try {
      channel.force(true);
    } catch (IOException e) {
      throw failure(target, e);
    }
  }

  /**
   * Gives the file its name, replacing one that was there. Nothing can be written afterwards.
   *
   * @throws FileException if writing fails; nothing has changed then
   */
  public void commit() {
    try {
      channel.force(true);
      channel.close();
      lock.finish(() -> Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE));
      AtomicFiles.force(target.getParent());
    } catch (IOException e) {
      throw failure(target, e);
    }
  }

  /** Without a {@link #commit} before, removes all that was written. Ends the lock. */
  @Override
  public void close() {
    try (lock) {
      channel.close();
      Files.deleteIfExists(temporary);
    } catch (IOException e) {
      throw failure(target, e);
    }
  }

  private static FileException failure(Path target, IOException e) {
    return FileException.of("cannot write " + target, e);
  }
}
