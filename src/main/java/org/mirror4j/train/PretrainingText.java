package org.mirror4j.train;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.mirror4j.text.LineReader;
import org.mirror4j.text.TextException;
import org.mirror4j.text.Tokenizer;

/**
 * Raw text cut into sequences of at most {@code maxLength} tokens. Paragraphs (lines) of one text
 * are joined; an empty line ends a text, and no sequence crosses that.
 *
 * @param sequences token ids, special tokens included
 * @param tokens of all sequences together
 * @param sha256 of the files
 */
record PretrainingText(List<int[]> sequences, long tokens, String sha256) {
  /** Lines that are tokenised at once: enough for all cores, little memory. */
  private static final int BLOCK = 20_000;

  /** Fewer tokens than this, special tokens apart, are no context to learn from. */
  private static final int SHORTEST = 8;

  /** Longer lines are cut; a paragraph of that size is no prose. */
  private static final int LINE_CHARACTERS = 100_000;

  /** Reads and tokenises files in order. */
  static PretrainingText read(List<Path> files, Tokenizer tokenizer, int maxLength) {
    Builder builder = new Builder(tokenizer, maxLength);
    try (LineReader reader = new LineReader(files, LINE_CHARACTERS)) {
      List<String> block = new ArrayList<>();
      for (String line = reader.next(); line != null; line = reader.next()) {
        block.add(line);
        if (block.size() == BLOCK) {
          builder.add(block);
          block.clear();
        }
      }
      builder.add(block);
      builder.endText();
      if (builder.sequences.isEmpty()) {
        throw new TextException(
            files + ": no text of " + SHORTEST + " tokens or more, expected prose");
      }
      return new PretrainingText(builder.sequences, builder.tokens, reader.sha256());
    }
  }

  private static final class Builder {
    private final Tokenizer tokenizer;
    private final int pieces;
    private final List<int[]> sequences = new ArrayList<>();
    private final int[] current;
    private int length;
    private long tokens;

    Builder(Tokenizer tokenizer, int maxLength) {
      this.tokenizer = tokenizer;
      this.pieces = maxLength - 2;
      current = new int[pieces];
    }

    void add(List<String> lines) {
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
    void endText() {
      if (length >= Math.min(SHORTEST, pieces)) {
        int[] sequence = new int[length + 2];
        sequence[0] = tokenizer.clsId();
        System.arraycopy(current, 0, sequence, 1, length);
        sequence[length + 1] = tokenizer.sepId();
        sequences.add(sequence);
        tokens += sequence.length;
      }
      length = 0;
    }
  }
}
