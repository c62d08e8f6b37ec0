package org.mirror4j.encode;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.LongConsumer;
import org.mirror4j.bert.TextEncoder;
import org.mirror4j.text.LineReader;

/**
 * Lines on their way to vectors, in chunks: while one is computed, the next is read and tokenised
 * and the last one written, each by a thread of its own. Memory does not grow with the lines, and
 * chunks begin where a {@link #write} begins, so that its bytes depend on nothing before it.
 */
public final class VectorStream implements AutoCloseable {
  /** The most lines computed at once: enough to sort by length. */
  private static final int CHUNK = 4096;

  /** Lines computed at once are a multiple of these, as many as are in a batch by default. */
  private static final int LEAST = 256;

  /**
   * Values of the vectors that are computed at once. Those of two chunks, one computed and one
   * written, and the texts of a third stay below the young generation's survivors as the launcher
   * sets them, 6 MiB: what lives longer is not collected before the whole heap is full, and memory
   * would grow with the lines.
   */
  private static final int CHUNK_VALUES = 1 << 19;

  /** Characters computed at once, for long lines. */
  private static final int CHUNK_CHARACTERS = 1 << 20;

  private final LineReader lines;
  private final TextEncoder encoder;
  private final int chunkLines;
  private final ExecutorService reading = thread("mirror4j reads");
  private final ExecutorService writing = thread("mirror4j writes");

  /** Guards the tokenizer, and {@link #closed}. */
  private final Object tokenizing = new Object();

  private boolean closed;
  private String ahead;
  private long blank;
  private long cut;

  /**
   * A stream from the place where the reader is.
   *
   * @param first a line that was read before; null for none
   * @param encoder used by the thread that calls {@link #write}, but for its tokenizer
   */
  public VectorStream(LineReader lines, String first, TextEncoder encoder) {
    this(lines, first, encoder, chunkLines(encoder.dimensions()));
  }

  /**
   * The same.
   *
   * @param chunkLines the most lines computed at once
   */
  VectorStream(LineReader lines, String first, TextEncoder encoder, int chunkLines) {
    this.lines = lines;
    this.encoder = encoder;
    this.chunkLines = chunkLines;
    ahead = first;
  }

  /** Lines whose vectors are at most {@link #CHUNK_VALUES} values, and no less than a batch. */
  static int chunkLines(int dimensions) {
    return Math.clamp(CHUNK_VALUES / dimensions / LEAST * LEAST, LEAST, CHUNK);
  }

  private static ExecutorService thread(String name) {
    return Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name(name).factory());
  }

  /**
   * Writes the vectors of lines.
   *
   * @param limit the most lines
   * @param progress is told how many of them are written, now and then
   * @return how many there were
   * @throws RuntimeException what reading, computing or writing throws; nothing is written then
   *     that was not given to the writer before
   */
  public long write(VectorWriter writer, long limit, LongConsumer progress) {
    long begun = 0;
    long written = 0;
    CompletableFuture<TextEncoder.Tokenized> next = read(limit);
    CompletableFuture<?> last = null;
    try {
      TextEncoder.Tokenized chunk;
      while (!(chunk = awaitWhileWriting(next, last)).texts().isEmpty()) {
        TextEncoder.Tokenized computed = chunk;
        begun += computed.texts().size();
        next = read(limit - begun);
        TextEncoder.Encoded encoded = encoder.encode(computed);
        if (last != null) {
          await(last);
          progress.accept(written);
        }
        last = CompletableFuture.runAsync(() -> write(writer, computed.texts(), encoded), writing);
        written = begun;
      }
    } catch (RuntimeException | Error failure) {
      settle(last, failure);
      throw failure;
    }
    if (last != null) {
      await(last);
    }
    return written;
  }

  private CompletableFuture<TextEncoder.Tokenized> read(long limit) {
    return CompletableFuture.supplyAsync(
        () -> {
          List<String> chunk = chunk(Math.min(chunkLines, limit));
          synchronized (tokenizing) {
            return closed
                ? new TextEncoder.Tokenized(List.of(), new int[0][], new boolean[0])
                : encoder.tokenize(chunk);
          }
        },
        reading);
  }

  private List<String> chunk(long most) {
    List<String> chunk = new ArrayList<>();
    int characters = 0;
    String line;
    while (chunk.size() < most && characters < CHUNK_CHARACTERS && (line = line()) != null) {
      chunk.add(line);
      characters += line.length();
      blank += line.isBlank() ? 1 : 0;
    }
    return chunk;
  }

  private String line() {
    String line = ahead;
    ahead = null;
    return line == null ? lines.next() : line;
  }

  private void write(VectorWriter writer, List<String> texts, TextEncoder.Encoded encoded) {
    for (int i = 0; i < texts.size(); i++) {
      writer.write(texts.get(i), encoded.vectors()[i]);
      cut += encoded.truncated()[i] ? 1 : 0;
    }
  }

  /**
   * Passes over lines, of which nothing is computed.
   *
   * @return how many there were
   */
  public long skip(long limit) {
    long skipped = 0;
    while (skipped < limit && line() != null) {
      skipped++;
    }
    return skipped;
  }

  /** Whether there is another line. */
  public boolean hasNext() {
    ahead = line();
    return ahead != null;
  }

  /** Lines so far that had nothing but blanks. */
  public long blankLines() {
    return blank;
  }

  /** Texts so far that were longer than the maximum length. */
  public long cutTexts() {
    return cut;
  }

  /** Lines may be long in coming: that writing has failed is heard at once. */
  private static <T> T awaitWhileWriting(CompletableFuture<T> next, CompletableFuture<?> last) {
    if (last != null) {
      CompletableFuture<Void> failed = new CompletableFuture<>();
      last.whenComplete(
          (_, failure) -> {
            if (failure != null) {
              failed.complete(null);
            }
          });
      await(CompletableFuture.anyOf(next, failed).exceptionally(_ -> null));
      if (failed.isDone()) {
        await(last);
      }
    }
    return await(next);
  }

  private static <T> T await(Future<T> work) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return work.get();
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (ExecutionException e) {
          switch (e.getCause()) {
            case RuntimeException failure -> throw failure;
            case Error failure -> throw failure;
            default -> throw new IllegalStateException(e.getCause());
          }
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Waits until the writer is the caller's again, when something else has failed. */
  private static void settle(Future<?> work, Throwable failure) {
    if (work != null) {
      try {
        await(work);
      } catch (RuntimeException | Error another) {
        if (another != failure) {
          failure.addSuppressed(another);
        }
      }
    }
  }

  /**
   * Ends the threads; the encoder may be closed then. A thread that waits for lines which do not
   * come ends when the reader does, or the program.
   */
  @Override
  public void close() {
    synchronized (tokenizing) {
      closed = true;
    }
    reading.shutdown();
    writing.shutdown();
  }
}
