package org.mirror4j.file;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * The right to write an output, a file or directory {@code NAME}: of one process, and in it of one
 * thread, which may take it several times. It is a lock of the kernel on {@code
 * .NAME.mirror4j-lock} beside the output, which ends with the process whatever ends it; links and
 * other names of one place meet in it.
 *
 * <p>The file holds a {@link LockRecord}. What is written before it has its name is {@code
 * .NAME.tmp-TOKEN}, what is being replaced {@code .NAME.old-TOKEN}, with the token of the record.
 * Who finds a lock file that nobody holds clears up exactly those: its writer is dead. At the end,
 * and at a signal, temporaries and lock file are removed.
 */
public final class OutputLock implements AutoCloseable {
  private static final String SUFFIX = ".mirror4j-lock";
  private static final int TRIES = 1000;
  private static final long MOST_NANOS_WAITED = 60_000_000_000L;
  private static final long NANOS_BETWEEN = 20_000_000;

  /**
   * The locks of this process, by the identity of the lock file. A lock of the kernel is lost when
   * any channel of its process on that file is closed, so a file that is here is never opened.
   */
  private static final Map<Object, Held> HELD = new HashMap<>();

  /** Somebody else has the lock; the message names them. */
  private static final class TakenException extends Exception {
    private static final long serialVersionUID = 1L;

    TakenException(String message) {
      super(message);
    }
  }

  /** Does something to files. */
  @FunctionalInterface
  interface Action {
    void run() throws IOException;
  }

  /** A lock that this process has. */
  private static final class Held {
    final Path target;
    final Path file;
    final Object key;
    final FileChannel[] channels;
    final LockRecord record;
    final MissingParents parents;
    final Thread owner = Thread.currentThread();
    final ProcessEnd.Registration removal = ProcessEnd.removing(this::abandon);
    int times = 1;
    boolean over;

    Held(Path target, LockRecord record, MissingParents parents, FileChannel... channels)
        throws IOException {
      this.target = target;
      this.file = lockFile(target);
      this.key = key(file);
      this.record = record;
      this.parents = parents;
      this.channels = channels;
    }

    /** At the end of the process: its writer has not stopped and must get no further. */
    private void abandon() {
      synchronized (HELD) {
        synchronized (this) {
          try {
            removeBusy(temporary(target, record));
            release();
          } catch (IOException e) {
            throw FileException.of(target, e);
          }
        }
      }
    }

    private void release() throws IOException {
      if (over) {
        return;
      }
      over = true;
      HELD.remove(key);
      removal.close();
      // While it is held: who opened it before sees afterwards that it is there no more. With what
      // could not be cleared up it stays, for the next lock to do that.
      boolean clear =
          Stream.of(temporary(target, record), old(target, record))
              .noneMatch(path -> Files.exists(path, LinkOption.NOFOLLOW_LINKS));
      if (clear && key.equals(key(file))) {
        Files.delete(file);
      }
      for (FileChannel channel : channels) {
        channel.close();
      }
      parents.removeEmpty();
    }
  }

  private final Held held;
  private boolean closed;

  private OutputLock(Held held) {
    this.held = held;
  }

  /**
   * Takes the lock of an output and clears up what a writer that died has left of it. Missing
   * parents are made, and removed at the end if they are empty then.
   *
   * @throws FileException if another process or thread has it; the message names it
   * @throws FileException if the folder of the output cannot be written to
   */
  public static OutputLock of(Path output) {
    try {
      return tryTake(output);
    } catch (TakenException e) {
      throw new FileException(e.getMessage(), e);
    }
  }

  private static OutputLock tryTake(Path output) throws TakenException {
    try {
      Path target = OutputPath.real(output);
      synchronized (HELD) {
        return take(output, target);
      }
    } catch (IOException e) {
      throw FileException.of("cannot write " + output, e);
    }
  }

  /**
   * The same for what is soon done: waits, a minute at most, while others have it.
   *
   * @throws FileException as {@link #of}
   */
  public static OutputLock awaiting(Path output) {
    long start = System.nanoTime();
    while (true) {
      try {
        return tryTake(output);
      } catch (TakenException e) {
        if (System.nanoTime() - start > MOST_NANOS_WAITED) {
          throw new FileException(e.getMessage(), e);
        }
        LockSupport.parkNanos(NANOS_BETWEEN);
      }
    }
  }

  /** Clears up what a writer that died has left of an output; one that lives is let alone. */
  static void clear(Path output) {
    try {
      of(output).close();
    } catch (FileException e) {
      // It is being written: nothing is to be cleared up.
    }
  }

  private static OutputLock take(Path output, Path target) throws IOException, TakenException {
    Path file = lockFile(target);
    for (int i = 0; i < TRIES; i++) {
      Held mine = HELD.get(key(file));
      if (mine != null && mine.owner != Thread.currentThread()) {
        throw new TakenException(
            "%s: is being written by thread '%s' of this process, since %s"
                .formatted(output, mine.owner.getName(), mine.record.since()));
      }
      if (mine != null) {
        mine.times++;
        return new OutputLock(mine);
      }
      MissingParents parents = MissingParents.make(target);
      boolean taken = false;
      FileChannel channel = null;
      FileChannel seen = null;
      try {
        channel =
            FileChannel.open(
                file,
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE,
                LinkOption.NOFOLLOW_LINKS);
        boolean free = channel.tryLock() != null;
        byte[] content = LockRecord.read(channel);
        Optional<LockRecord> record = LockRecord.parse(content);
        if (!free) {
          if (record.isPresent()) {
            throw new TakenException(
                "%s: is being written by %s".formatted(output, record.get().holder()));
          }
          // Its holder is about to write who it is, or to remove the file.
          LockSupport.parkNanos(1_000_000);
        } else if (record.isEmpty() && content.length > 0) {
          throw new FileException(
              file + ": is in the way and no lock of mirror4j, expected no such file");
        } else {
          LockRecord own = LockRecord.fresh();
          if (record.isEmpty()) {
            own.write(channel);
          }
          // The file may have been removed, and made anew, between opening and locking.
          seen = FileChannel.open(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
          if (Arrays.equals(LockRecord.read(seen), LockRecord.read(channel))) {
            if (record.isPresent()) {
              recover(target, record.get());
              own.write(channel);
            }
            Held held = hold(target, own, parents, seen, channel);
            taken = true;
            return new OutputLock(held);
          }
        }
      } catch (NoSuchFileException e) {
        if (i == TRIES - 1) {
          throw e;
        }
      } finally {
        if (!taken) {
          close(seen, channel);
          parents.removeEmpty();
        }
      }
    }
    throw new TakenException(output + ": is being written by another process");
  }

  private static Held hold(
      Path target, LockRecord own, MissingParents parents, FileChannel... channels)
      throws IOException {
    try {
      Held held = new Held(target, own, parents, channels);
      HELD.put(held.key, held);
      return held;
    } catch (IllegalStateException e) {
      Files.delete(lockFile(target)); // the process is ending
      throw e;
    }
  }

  /** A name in the output's folder that this lock owns: for what is not yet the output. */
  Path temporary() {
    return temporary(held.target, held.record);
  }

  /** A name in the output's folder that this lock owns: for what is being replaced. */
  Path old() {
    return old(held.target, held.record);
  }

  /** The output itself, links followed. */
  public Path target() {
    return held.target;
  }

  /**
   * Does what must not be broken off by a signal.
   *
   * @throws IllegalStateException if the process is ending and temporaries are gone
   */
  void finish(Action action) throws IOException {
    synchronized (held) {
      if (held.over) {
        throw new IllegalStateException(held.target + ": not written, the process is ending");
      }
      action.run();
    }
  }

  /**
   * Deletes the output, a directory: it is gone from its name at once.
   *
   * @throws IllegalStateException if the process is ending
   */
  public void discard() throws IOException {
    finish(
        () -> {
          Files.move(held.target, temporary(), StandardCopyOption.ATOMIC_MOVE);
          AtomicFiles.deleteTree(temporary());
          AtomicFiles.force(held.target.getParent());
        });
  }

  /** Gives the lock back, when it has been closed as often as it was taken. */
  @Override
  public void close() {
    synchronized (HELD) {
      synchronized (held) {
        if (closed || --held.times > 0) {
          closed = true;
          return;
        }
        closed = true;
        try {
          held.release();
        } catch (IOException e) {
          throw FileException.of(held.file + ": cannot be removed", e);
        }
      }
    }
  }

  private static Path lockFile(Path target) {
    return target.resolveSibling("." + target.getFileName() + SUFFIX);
  }

  private static Path temporary(Path target, LockRecord record) {
    return target.resolveSibling("." + target.getFileName() + ".tmp-" + record.token());
  }

  private static Path old(Path target, LockRecord record) {
    return target.resolveSibling("." + target.getFileName() + ".old-" + record.token());
  }

  /** Whether a name is that of a lock file; if so, that of its output. */
  static Optional<String> outputOf(String name) {
    boolean lock =
        name.startsWith(".") && name.endsWith(SUFFIX) && name.length() > SUFFIX.length() + 1;
    return lock
        ? Optional.of(name.substring(1, name.length() - SUFFIX.length()))
        : Optional.empty();
  }

  private static void recover(Path target, LockRecord dead) throws IOException {
    AtomicFiles.recover(new AtomicFiles.Names(target, temporary(target, dead), old(target, dead)));
  }

  /** Identity of a file, null if there is none. */
  private static Object key(Path file) throws IOException {
    try {
      return Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
          .fileKey();
    } catch (NoSuchFileException e) {
      return null;
    }
  }

  /** Deletes what a thread may still be writing in: what it makes in between is deleted too. */
  private static void removeBusy(Path path) throws IOException {
    for (int i = 1; ; i++) {
      try {
        AtomicFiles.deleteTree(path);
        return;
      } catch (NoSuchFileException | DirectoryNotEmptyException e) {
        if (i == TRIES) {
          throw e;
        }
      }
    }
  }

  private static void close(FileChannel... channels) throws IOException {
    for (FileChannel channel : channels) {
      if (channel != null) {
        channel.close();
      }
    }
  }
}
