package org.mirror4j.fetch;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import org.mirror4j.file.FileException;

/**
 * The content of one file in the cache of HuggingFace: {@code blobs/DIGEST}, and {@code
 * blobs/DIGEST.incomplete} until it is whole. A transfer that has broken off is gone on with.
 *
 * @param name of the file, for messages
 * @param address of its content
 * @param facts what it must be
 * @param path of the blob
 */
record Blob(String name, URI address, HubConnection.FileFacts facts, Path path) {
  private static final int BUFFER = 1 << 16;
  private static final int WHOLE = 200;
  private static final int PARTIAL = 206;

  /** Whether it is there. */
  boolean isThere() {
    return size(path) == facts.bytes();
  }

  /** Bytes of it that are there. */
  long bytesThere() {
    return isThere() ? facts.bytes() : Math.clamp(size(incomplete()), 0, facts.bytes());
  }

  private Path incomplete() {
    return path.resolveSibling(path.getFileName() + ".incomplete");
  }

  private static long size(Path file) {
    try {
      return Files.isRegularFile(file) ? Files.size(file) : -1;
    } catch (IOException e) {
      throw FileException.of(file + ": cannot be read", e);
    }
  }

  /**
   * Downloads what is missing of it.
   *
   * @throws FetchException if it is refused, or is not what it must be
   * @throws FileException if it cannot be written
   */
  void download(HubConnection connection, FetchListener listener) {
    if (isThere()) {
      return;
    }
    listener.begins(name, bytesThere(), facts.bytes());
    try {
      boolean whole = transfer(connection, listener);
      if (!isRight(!whole)) {
        // What earlier transfers left may have been of something else.
        listener.notice(name + ": what was there does not fit, from the beginning again");
        transfer(connection, listener);
        isRight(false);
      }
      Files.move(
          incomplete(), path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw FileException.of("cannot write " + path, e);
    } finally {
      listener.ends();
    }
  }

  /**
   * Looks at the digest; removes what is wrong.
   *
   * @param mayBeWrong whether that is for the caller to mend
   */
  private boolean isRight(boolean mayBeWrong) throws IOException {
    String found = ContentDigest.like(facts.digest(), incomplete());
    if (found.equals(facts.digest())) {
      return true;
    }
    Files.delete(incomplete());
    if (!mayBeWrong) {
      throw new FetchException(
          "%s: its hash is %s, expected %s".formatted(name, found, facts.digest()));
    }
    return false;
  }

  /** Returns whether all of it came now and in one piece. */
  private boolean transfer(HubConnection connection, FetchListener listener) throws IOException {
    Files.createDirectories(path.getParent());
    try (FileChannel out =
        FileChannel.open(incomplete(), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      if (out.size() > facts.bytes()) {
        out.truncate(0);
      }
      // What was there may be of something else, even where nothing of it is missing.
      int pieces = out.size() > 0 ? 2 : 0;
      Patience patience = connection.patience();
      while (out.size() < facts.bytes()) {
        pieces++;
        // What has brought something is no failure: it is tried again as often as at first.
        patience.until(
            name,
            listener,
            () -> {
              receive(connection, listener, out);
              return null;
            });
      }
      out.force(true);
      return pieces < 2;
    }
  }

  /**
   * Appends what one answer brings.
   *
   * @throws IOException if it brings nothing
   */
  private void receive(HubConnection connection, FetchListener listener, FileChannel out)
      throws IOException, InterruptedException {
    long before = out.size();
    HttpResponse<InputStream> answer =
        connection.get(
            name, address, before == 0 ? Map.of() : Map.of("Range", "bytes=" + before + "-"));
    try (InputStream body = new WatchedBody(answer.body(), connection.patience().silence())) {
      requireFits(answer, out);
      listener.at(out.size());
      try {
        copy(body, out, listener);
        if (out.size() < facts.bytes()) {
          throw new EOFException("broken off");
        }
      } catch (IOException e) {
        if (out.size() <= before) {
          throw e;
        }
        listener.notice(
            "%s: broken off after %,d of %,d bytes, going on"
                .formatted(name, out.size(), facts.bytes()));
        Thread.sleep(connection.patience().first());
      }
    }
  }

  /** Looks at what comes before anything of what is there is given up. */
  private void requireFits(HttpResponse<InputStream> answer, FileChannel out) throws IOException {
    String encoding = HubConnection.header(answer, "Content-Encoding").orElse("identity");
    if (!encoding.equals("identity")) {
      throw new FetchException(
          "%s: comes in the encoding %s, expected none"
              .formatted(name, FileException.quote(encoding)));
    }
    switch (answer.statusCode()) {
      case PARTIAL -> {
        String range = HubConnection.header(answer, "Content-Range").orElse("");
        String expected = "bytes " + out.size() + "-" + (facts.bytes() - 1) + "/" + facts.bytes();
        if (!range.equals(expected)) {
          Files.delete(incomplete());
          throw new FetchException(
              "%s: comes as %s, expected '%s'"
                  .formatted(name, FileException.quote(range), expected));
        }
      }
      case WHOLE -> {
        String length = HubConnection.header(answer, "Content-Length").orElse("");
        if (!length.isEmpty() && !length.equals(Long.toString(facts.bytes()))) {
          throw new FetchException(
              "%s: is %s bytes long, expected %d"
                  .formatted(name, FileException.clean(length), facts.bytes()));
        }
        if (length.isEmpty() && out.size() > 0) {
          throw new FetchException(
              "%s: comes from its beginning and without a length, expected it from byte %d on; what has come is kept in %s"
                  .formatted(name, out.size(), incomplete()));
        }
        out.truncate(0); // the server does not go on within a file
      }
      default -> {
        out.truncate(0);
        throw new IOException("the server has no such part of it");
      }
    }
  }

  private void copy(InputStream body, FileChannel out, FetchListener listener) throws IOException {
    long there = out.size();
    byte[] buffer = new byte[BUFFER];
    for (int read = body.read(buffer); read >= 0; read = body.read(buffer)) {
      if (there + read > facts.bytes()) {
        out.truncate(0);
        throw new FetchException(
            "%s: longer than the %d bytes that it is said to be".formatted(name, facts.bytes()));
      }
      ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, read);
      there += write(bytes, out, there);
      listener.at(there);
    }
  }

  /** A full disk is no fault of the connection, and no other try mends it. */
  private int write(ByteBuffer bytes, FileChannel out, long position) {
    int done = 0;
    try {
      while (bytes.hasRemaining()) {
        done += out.write(bytes, position + done);
      }
      return done;
    } catch (IOException e) {
      throw FileException.of("cannot write " + incomplete(), e);
    }
  }
}
