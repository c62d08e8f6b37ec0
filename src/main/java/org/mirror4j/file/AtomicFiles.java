package org.mirror4j.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.function.Consumer;

/**
 * Files and directories that appear whole or not at all, whenever the process or the machine stops.
 *
 * <p>Whoever writes {@code NAME} holds its {@link OutputLock} meanwhile, whose token is in the
 * names of all that is made on the way. It is written as {@code .NAME.tmp-TOKEN} beside its target,
 * forced to disk and renamed. Replacing a directory takes these steps:
 *
 * <ol>
 *   <li>write {@code .NAME.tmp-TOKEN}, force each file and directory in it to disk;
 *   <li>rename {@code NAME} to {@code .NAME.old-TOKEN};
 *   <li>rename {@code .NAME.tmp-TOKEN} to {@code NAME};
 *   <li>rename {@code .NAME.old-TOKEN} to {@code .NAME.tmp-TOKEN} and delete that.
 * </ol>
 *
 * <p>So {@code .NAME.old-TOKEN} is always whole, and to clear up after a writer that died it needs
 * to be known only whether {@code NAME} exists: if not, the stop came between steps 2 and 3 and
 * {@code .NAME.old-TOKEN} is renamed back; if so, step 4 is done again. {@code .NAME.tmp-TOKEN} is
 * rubbish then. The next lock of the output does that; without that lock nothing is touched.
 *
 * <p>What was replaced and cannot be deleted, in a folder that is write-protected say, is no
 * failure: it stays under one of those names and is in nobody's way.
 */
public final class AtomicFiles {
  /** Writes the content of a file. */
  @FunctionalInterface
  public interface FileWriter {
    /** Writes the whole content to a channel that is empty and open; must not close it. */
    void write(FileChannel channel) throws IOException;
  }

  /** Writes the content of a directory. */
  @FunctionalInterface
  public interface DirectoryWriter {
    /** Writes files into a directory that exists and is empty. */
    void write(Path directory) throws IOException;
  }

  /** Refuses to write. */
  @FunctionalInterface
  public interface Check {
    /**
     * Looks at what is there and changes nothing.
     *
     * @throws FileException if the target may not be written
     */
    void check(Path target) throws IOException;
  }

  /** What has been done when a directory is replaced. */
  public enum Step {
    WRITTEN,
    OLD_MOVED_AWAY,
    NEW_IN_PLACE,
    OLD_MARKED_AS_RUBBISH
  }

  private AtomicFiles() {}

  /**
   * Writes a file, in place of the one of that name if there is one. If the writer fails, nothing
   * has changed.
   *
   * @throws FileException if the target is a directory
   * @throws IOException if the writer fails
   * @throws FileException if the file cannot be made or named
   */
  public static void writeFile(Path target, FileWriter writer) throws IOException {
    try (AtomicFile file = new AtomicFile(target)) {
      writer.write(file.channel());
      file.commit();
    }
  }

  /**
   * Writes a file of these bytes, as {@link #writeFile(Path, FileWriter)}.
   *
   * @throws FileException if the target is a directory
   * @throws FileException if writing fails; nothing has changed then
   */
  public static void writeFile(Path target, byte[] content) {
    try (AtomicFile file = new AtomicFile(target)) {
      file.write(ByteBuffer.wrap(content));
      file.commit();
    }
  }

  /**
   * Writes a directory. If the writer fails, nothing has changed. Missing parents are made. An
   * existing empty directory counts as absent.
   *
   * @param replace whether an existing directory, with all that is in it, is replaced
   * @throws FileException if the target exists and is not a directory, or holds files and {@code
   *     replace} is false; nothing has been written then
   * @throws IOException if writing fails
   */
  public static void writeDirectory(Path target, boolean replace, DirectoryWriter writer)
      throws IOException {
    writeDirectory(target, replace, path -> checkFree(path, replace), writer);
  }

  /** As above; what may be replaced is up to the check, which is made until the last moment. */
  public static void writeDirectory(
      Path target, boolean replace, Check check, DirectoryWriter writer) throws IOException {
    check.check(target);
    try (OutputLock lock = OutputLock.of(target)) {
      check.check(target);
      Names names = new Names(lock.target(), lock.temporary(), lock.old());
      try {
        writeNew(names, writer);
        lock.finish(
            () -> {
              check.check(target);
              place(names, replace, step -> {});
            });
      } catch (IOException | RuntimeException | Error e) {
        deleteAfter(e, names.temporary());
        throw e;
      }
    }
  }

  /**
   * Names that only the caller uses.
   *
   * @param temporary what is not yet the target, or no longer
   * @param old the target while it is being replaced
   */
  public record Names(Path target, Path temporary, Path old) {}

  /**
   * Fails if {@link #writeDirectory} would refuse the target: for finding out before hours of work.
   *
   * @throws FileException as {@link #writeDirectory}
   */
  public static void checkFree(Path target, boolean replace) throws IOException {
    if (Files.exists(target) && !Files.isDirectory(target)) {
      throw new FileException(target + ": is a file, expected a directory or nothing");
    }
    if (!replace && Files.isDirectory(target) && !isEmpty(target)) {
      throw new FileException(
          target + ": exists already and is not empty, expected a new or empty directory");
    }
  }

  /** Step 1. */
  public static void writeNew(Names names, DirectoryWriter writer) throws IOException {
    Files.createDirectory(names.temporary());
    writer.write(names.temporary());
    forceTree(names.temporary());
  }

  /** The other steps, with nothing undone when one fails, as when the process dies. */
  public static void place(Names names, boolean replace, Consumer<Step> reached)
      throws IOException {
    reached.accept(Step.WRITTEN);
    Path target = names.target();
    Path parent = target.getParent();
    if (!replace || !Files.exists(target)) {
      // The kernel puts a directory in the place of an empty one, and of nothing else.
      Files.move(names.temporary(), target, StandardCopyOption.ATOMIC_MOVE);
      force(parent);
      reached.accept(Step.NEW_IN_PLACE);
      return;
    }
    Files.move(target, names.old(), StandardCopyOption.ATOMIC_MOVE);
    reached.accept(Step.OLD_MOVED_AWAY);
    try {
      Files.move(names.temporary(), target, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      Files.move(names.old(), target, StandardCopyOption.ATOMIC_MOVE);
      throw e;
    }
    force(parent);
    reached.accept(Step.NEW_IN_PLACE);
    clear(names, reached);
  }

  /** Clears up what a stop at any step has left; the target is whole then, either old or new. */
  public static void recover(Names names) throws IOException {
    if (Files.exists(names.old(), LinkOption.NOFOLLOW_LINKS)
        && !Files.exists(names.target(), LinkOption.NOFOLLOW_LINKS)) {
      Files.move(names.old(), names.target(), StandardCopyOption.ATOMIC_MOVE);
      force(names.target().getParent());
    }
    clear(names, step -> {});
  }

  /** Step 4, as far as it can be done. */
  private static void clear(Names names, Consumer<Step> reached) {
    try {
      deleteTree(names.temporary());
      if (Files.exists(names.old(), LinkOption.NOFOLLOW_LINKS)) {
        // A stop halfway leaves rubbish, never a part under the old one's name.
        Files.move(names.old(), names.temporary(), StandardCopyOption.ATOMIC_MOVE);
        reached.accept(Step.OLD_MARKED_AS_RUBBISH);
        deleteTree(names.temporary());
        force(names.target().getParent());
      }
    } catch (IOException e) {
      // The target is whole: a run whose output is there has not failed, and the next may begin.
    }
  }

  /**
   * Writes a file of a directory that this thread has locked: whole or not at all, by way of {@code
   * .NAME.tmp} in it.
   *
   * @throws FileException if writing fails; nothing has changed then
   */
  public static void writeInLocked(Path file, byte[] content) {
    Path temporary = temporaryIn(file);
    try {
      Files.write(temporary, content);
      force(temporary);
      Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
      force(file.getParent());
    } catch (IOException e) {
      deleteAfter(e, temporary);
      throw FileException.of("cannot write " + file, e);
    }
  }

  /** {@code .NAME.tmp} beside a file or directory. */
  public static Path temporaryIn(Path file) {
    return file.resolveSibling("." + file.getFileName() + ".tmp");
  }

  /**
   * Deletes a file, or a directory with all that is in it; links are removed, not followed. Does
   * nothing if there is no such path.
   */
  public static void deleteTree(Path path) throws IOException {
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    Files.walkFileTree(
        path,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, IOException failure)
              throws IOException {
            if (failure != null) {
              throw failure;
            }
            Files.delete(directory);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  /** Whether there is nothing in a directory. */
  public static boolean isEmpty(Path directory) throws IOException {
    try (DirectoryStream<Path> content = Files.newDirectoryStream(directory)) {
      return !content.iterator().hasNext();
    }
  }

  private static void forceTree(Path root) throws IOException {
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            force(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, IOException failure)
              throws IOException {
            if (failure != null) {
              throw failure;
            }
            force(directory);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  /** Forces a file or the entries of a directory to disk. */
  static void force(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path)) {
      channel.force(true);
    }
  }

  private static void deleteAfter(Throwable failure, Path temporary) {
    try {
      deleteTree(temporary);
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }
}
