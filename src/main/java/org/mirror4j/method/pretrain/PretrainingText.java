package org.mirror4j.method.pretrain;

import java.nio.ByteBuffer;
import java.nio.IntBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.mirror4j.text.LineReader;
import org.mirror4j.text.Spool;
import org.mirror4j.text.TextException;
import org.mirror4j.text.Tokenizer;

/**
 * Raw text cut into sequences of at most {@code maxLength} tokens, which are kept in a {@link
 * Spool}, not in memory. Paragraphs (lines) of one text are joined; an empty line ends a text, and
 * no sequence crosses that.
 */
final class PretrainingText implements AutoCloseable {
  /** Lines that are tokenised at once: enough for all cores, little memory. */
  private static final int BLOCK = 20_000;

  /** Characters that are tokenised at once, for long lines. */
  private static final int BLOCK_CHARACTERS = 1 << 22;

  /** Fewer tokens than this, special tokens apart, are no context to learn from. */
  private static final int SHORTEST = 8;

  /** Longer lines are cut; a paragraph of that size is no prose. */
  private static final int LINE_CHARACTERS = 100_000;

  private final Tokenizer tokenizer;
  private final int pieces;
  private final Spool sequences = new Spool();
  private final int[] current;
  private int length;
  private long tokens;
  private String sha256;

  private PretrainingText(Tokenizer tokenizer, int maxLength) {
    this.tokenizer = tokenizer;
    pieces = maxLength - 2;
    current = new int[pieces];
  }

  /** Reads and tokenises files in order. */
  static PretrainingText read(List<Path> files, Tokenizer tokenizer, int maxLength) {
    PretrainingText text = new PretrainingText(tokenizer, maxLength);
    try {
      text.read(files);
      return text;
    } catch (RuntimeException | Error failure) {
      text.close();
      throw failure;
    }
  }

  private void read(List<Path> files) {
    try (LineReader reader = new LineReader(files, LINE_CHARACTERS)) {
      List<String> block = new ArrayList<>();
      int characters = 0;
      for (String line = reader.next(); line != null; line = reader.next()) {
        block.add(line);
        characters += line.length();
        if (block.size() == BLOCK || characters > BLOCK_CHARACTERS) {
          add(block);
          block.clear();
          characters = 0;
        }
      }
      add(block);
      endText();
      if (sequences.size() == 0) {
        throw new TextException(
            files + ": no text of " + SHORTEST + " tokens or more, expected prose");
      }
      sha256 = reader.sha256();
    }
  }

  private void add(List<String> lines) {
    List<int[]> ids =
        lines.parallelStream()
            .map(line -> line.isBlank() ? new int[0] : tokenizer.encodePieces(line))
            .toList();
    for (int i = 0; i < ids.size(); i++) {
      if (lines.get(i).isBlank()) {
        endText();
      }
      for (int id : ids.get(i)) {
        current[length++] = id;
        if (length == pieces) {
          endText();
        }
      }
    }
  }

  /** Ends the current sequence. */
  private void endText() {
    if (length >= Math.min(SHORTEST, pieces)) {
      ByteBuffer bytes = ByteBuffer.allocate((length + 2) * Integer.BYTES);
      IntBuffer ids = bytes.asIntBuffer();
      ids.put(tokenizer.clsId()).put(current, 0, length).put(tokenizer.sepId());
      sequences.append(bytes.array());
      tokens += ids.position();
    }
    length = 0;
  }

  /** Number of sequences, at least one. */
  int size() {
    return sequences.size();
  }

  /** Token ids of a sequence, special tokens included; any thread may ask. */
  int[] sequence(int index) {
    IntBuffer ids = ByteBuffer.wrap(sequences.get(index)).asIntBuffer();
    int[] sequence = new int[ids.remaining()];
    ids.get(sequence);
    return sequence;
  }

  /** Tokens of all sequences together. */
  long tokens() {
    return tokens;
  }

  /** Hash of the files. */
  String sha256() {
    return sha256;
  }

  /** Drops the sequences. */
  @Override
  public void close() {
    sequences.close();
  }
}
