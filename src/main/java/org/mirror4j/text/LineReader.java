package org.mirror4j.text;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.mirror4j.file.FileException;
import org.mirror4j.file.FileHash;

/**
 * Lines of text files, one file after the other, in memory that does not grow with the files.
 *
 * <p>Files that start with the two magic bytes of gzip are unpacked. Text is UTF-8; UTF-16 is
 * recognised by its byte order mark or its zero bytes, decoded, and told by {@link #notices};
 * binary files are refused. A line ends at LF, CR or CR LF; nothing else is stripped, and an end of
 * line at the end of a file starts no further line. A byte order mark at the start of a file is
 * dropped. Bytes that are not UTF-8 become U+FFFD; a file with more than {@value
 * #MAX_INVALID_LINES} such lines in {@value #INVALID_LINES_AMONG} is refused. A line longer than
 * the limit is cut. Between two files one empty line is returned that is not counted, since an
 * empty line separates texts.
 */
public final class LineReader implements AutoCloseable {
  /**
   * Lines that are not UTF-8 among {@link #INVALID_LINES_AMONG} in a row that are taken for damage,
   * as text collected from many places has it; more are text in another encoding, from which a
   * model would learn replacement characters.
   */
  static final int MAX_INVALID_LINES = 10;

  /** One in a thousand of these may be damaged. */
  static final int INVALID_LINES_AMONG = 10_000;

  private static final int END = -1;
  private static final int MAX_BYTES_PER_CODE_POINT = 4;

  private final List<Path> files;

  /** Read in place of the one file, which then is but a name; null otherwise. */
  private final InputStream stream;

  private final int maxCharacters;
  private final byte[] chunk = new byte[1 << 16];
  private final CharsetDecoder decoder =
      StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .onUnmappableCharacter(CodingErrorAction.REPORT);
  private final MessageDigest digest = FileHash.sha256();
  private byte[] line = new byte[1 << 10];
  private CharBuffer characters = CharBuffer.allocate(1 << 10);
  private int lineLength;
  private InputStream raw;
  private InputStream input;
  private int chunkPosition;
  private int chunkLength;
  private int nextFile;
  private boolean startOfFile;
  private long lines;
  private long invalidLines;
  private long firstInvalidLine;
  private long cutLines;
  private long linesOfFile;
  private long bytes;
  private int invalidLinesOfBlock;
  private long firstInvalidLineOfFile;
  private final List<String> notices = new ArrayList<>();

  /**
   * Reads files in the order given.
   *
   * @param maxCharacters most code points of a line that are kept
   * @throws TextException if a file is missing, a directory or empty, before anything is read
   */
  public LineReader(List<Path> files, int maxCharacters) {
    this(files, null, maxCharacters);
    files.forEach(LineReader::check);
  }

  /**
   * Reads a stream.
   *
   * @param name stands for a file in messages
   * @param maxCharacters most code points of a line that are kept
   */
  public LineReader(String name, InputStream stream, int maxCharacters) {
    this(List.of(Path.of(name)), stream, maxCharacters);
  }

  private LineReader(List<Path> files, InputStream stream, int maxCharacters) {
    if (files.isEmpty()) {
      throw new IllegalArgumentException("no files to read");
    }
    if (maxCharacters < 1 || maxCharacters > Integer.MAX_VALUE / 8) {
      throw new IllegalArgumentException(
          "maxCharacters is %d, expected 1 to %d".formatted(maxCharacters, Integer.MAX_VALUE / 8));
    }
    this.files = List.copyOf(files);
    this.stream = stream;
    this.maxCharacters = maxCharacters;
  }

  /**
   * The next line without its end; null after the last line of the last file.
   *
   * @throws TextException if the file is no text, or too much of it is not UTF-8
   * @throws FileException if it cannot be read
   */
  public String next() {
    try {
      while (true) {
        if (input == null) {
          if (nextFile == files.size()) {
            return null;
          }
          boolean between = nextFile > 0;
          openNext();
          if (between) {
            return "";
          }
        }
        if (fillLine()) {
          lines++;
          invalidLinesOfBlock = linesOfFile % INVALID_LINES_AMONG == 0 ? 0 : invalidLinesOfBlock;
          linesOfFile++;
          return decode();
        }
        closeCurrent();
      }
    } catch (IOException e) {
      throw FileException.of("cannot read " + current(), e);
    }
  }

  /** Lines returned so far, those between files not counted. */
  public long lines() {
    return lines;
  }

  /** Bytes of all files that were read so far, as they are stored, a buffer ahead of the lines. */
  public long bytes() {
    return bytes;
  }

  /** Where the line stands that {@link #next} returned last, {@code FILE: line N}, for messages. */
  public String place() {
    return "%s: line %d".formatted(current(), linesOfFile);
  }

  /** Lines so far in which bytes were no UTF-8. */
  public long invalidLines() {
    return invalidLines;
  }

  /** The first of {@link #invalidLines}, counted from 1 over all files; 0 if there is none. */
  public long firstInvalidLine() {
    return firstInvalidLine;
  }

  /** What is worth telling of the files opened so far, a line each: those that are not UTF-8. */
  public List<String> notices() {
    return List.copyOf(notices);
  }

  /** What of the lines so far is not as it was, a sentence for each kind. */
  public List<String> losses() {
    List<String> losses = new ArrayList<>();
    if (cutLines > 0) {
      losses.add("%,d lines are cut at %,d characters".formatted(cutLines, maxCharacters));
    }
    if (invalidLines > 0) {
      losses.add(
          "%,d lines are not UTF-8, the first is line %d"
              .formatted(invalidLines, firstInvalidLine));
    }
    return losses;
  }

  /** Lines so far that were cut. */
  public long cutLines() {
    return cutLines;
  }

  /**
   * SHA-256 over the bytes of all files as they are stored, in lower-case hexadecimal; only after
   * {@link #next} returned null.
   */
  public String sha256() {
    if (input != null || nextFile < files.size()) {
      throw new IllegalStateException("the hash is known after the last line");
    }
    try {
      return FileHash.hex((MessageDigest) digest.clone());
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("SHA-256 cannot be copied", e);
    }
  }

  @Override
  public void close() {
    try {
      if (input != null) {
        input.close();
        input = null;
      }
    } catch (IOException e) {
      throw FileException.of("cannot read " + current(), e);
    }
  }

  private static void check(Path file) {
    if (Files.isDirectory(file)) {
      throw new TextException("%s is a directory, expected a text file".formatted(file));
    }
    if (!Files.exists(file)) {
      throw new TextException("%s does not exist".formatted(file));
    }
    try {
      if (Files.isRegularFile(file) && Files.size(file) == 0) {
        throw new TextException("%s is empty".formatted(file));
      }
    } catch (IOException e) {
      throw FileException.of("cannot read " + file, e);
    }
  }

  private void openNext() throws IOException {
    Path file = files.get(nextFile++);
    raw =
        new BufferedInputStream(
            new Stored(stream == null ? Files.newInputStream(file) : stream, digest));
    input = raw;
    raw.mark(2);
    boolean gzip = raw.read() == 0x1f && raw.read() == 0x8b;
    raw.reset();
    if (gzip) {
      input = new GZIPInputStream(raw, 1 << 16);
    }
    decodeAs(file);
    startOfFile = true;
    linesOfFile = 0;
    firstInvalidLineOfFile = 0;
    chunkPosition = 0;
    chunkLength = 0;
  }

  /** The bytes of a file as they are stored, hashed and counted. */
  private final class Stored extends DigestInputStream {
    Stored(InputStream stream, MessageDigest digest) {
      super(stream, digest);
    }

    @Override
    public int read() throws IOException {
      int read = super.read();
      bytes += read == END ? 0 : 1;
      return read;
    }

    @Override
    public int read(byte[] to, int from, int count) throws IOException {
      int read = super.read(to, from, count);
      bytes += Math.max(0, read);
      return read;
    }
  }

  private Path current() {
    return files.get(Math.max(0, nextFile - 1));
  }

  /** Looks at the first bytes, and has those of UTF-16 turned into UTF-8. */
  private void decodeAs(Path file) throws IOException {
    PushbackInputStream text = new PushbackInputStream(input, TextEncoding.SAMPLE);
    byte[] start = text.readNBytes(TextEncoding.SAMPLE);
    text.unread(start);
    input = text;
    Charset charset = TextEncoding.of(file.toString(), start);
    if (charset != StandardCharsets.UTF_8) {
      input = new Utf16Stream(text, charset == StandardCharsets.UTF_16LE);
      notices.add("%s is %s, not UTF-8: decoded".formatted(file, charset));
    }
  }

  private void closeCurrent() throws IOException {
    // Bytes behind the end of a gzip stream are part of the file's hash.
    while (raw.read(chunk) != END) {
      continue;
    }
    close();
  }

  /** Puts the bytes of the next line into {@code line}; false at the end of the file. */
  private boolean fillLine() throws IOException {
    lineLength = 0;
    int keep = MAX_BYTES_PER_CODE_POINT * (maxCharacters + 1);
    boolean any = false;
    while (true) {
      if (chunkPosition == chunkLength && !fillChunk()) {
        return any;
      }
      any = true;
      int start = chunkPosition;
      while (chunkPosition < chunkLength
          && chunk[chunkPosition] != '\n'
          && chunk[chunkPosition] != '\r') {
        chunkPosition++;
      }
      append(start, Math.min(chunkPosition - start, keep - lineLength));
      if (chunkPosition < chunkLength) {
        skipLineEnd();
        return true;
      }
    }
  }

  private void skipLineEnd() throws IOException {
    boolean carriageReturn = chunk[chunkPosition++] == '\r';
    if (carriageReturn
        && (chunkPosition < chunkLength || fillChunk())
        && chunk[chunkPosition] == '\n') {
      chunkPosition++;
    }
  }

  private boolean fillChunk() throws IOException {
    chunkPosition = 0;
    chunkLength = Math.max(0, input.read(chunk));
    return chunkLength > 0;
  }

  private void append(int start, int count) {
    if (count <= 0) {
      return;
    }
    if (lineLength + count > line.length) {
      line = Arrays.copyOf(line, Math.max(2 * line.length, lineLength + count));
    }
    System.arraycopy(chunk, start, line, lineLength, count);
    lineLength += count;
  }

  /** A line of which not all bytes were kept may end inside a character; that is no error. */
  private String decode() {
    boolean whole = lineLength < MAX_BYTES_PER_CODE_POINT * (maxCharacters + 1);
    ByteBuffer bytes = ByteBuffer.wrap(line, 0, lineLength);
    if (characters.capacity() < lineLength) {
      characters = CharBuffer.allocate(line.length);
    }
    characters.clear();
    decoder.reset();
    boolean invalid = false;
    CoderResult result;
    while ((result = decoder.decode(bytes, characters, whole)).isError()) {
      invalid = true;
      bytes.position(bytes.position() + result.length());
      characters.put('\uFFFD');
    }
    characters.flip();
    if (startOfFile && !characters.isEmpty() && characters.charAt(0) == '\uFEFF') {
      characters.get();
    }
    startOfFile = false;
    if (invalid) {
      invalidLines++;
      firstInvalidLine = firstInvalidLine == 0 ? lines : firstInvalidLine;
      firstInvalidLineOfFile = firstInvalidLineOfFile == 0 ? linesOfFile : firstInvalidLineOfFile;
      refuseOtherEncoding();
    }
    return cut(characters.toString());
  }

  private void refuseOtherEncoding() {
    if (++invalidLinesOfBlock > MAX_INVALID_LINES) {
      throw new TextException(
          "%s: more than %d in %,d lines are not UTF-8, the first is line %d: convert it, as with"
                  .formatted(
                      current(), MAX_INVALID_LINES, INVALID_LINES_AMONG, firstInvalidLineOfFile)
              + " iconv -f ENCODING -t UTF-8");
    }
  }

  private String cut(String text) {
    if (text.length() > maxCharacters && text.codePointCount(0, text.length()) > maxCharacters) {
      cutLines++;
      text = text.substring(0, text.offsetByCodePoints(0, maxCharacters));
    }
    return text;
  }
}
