package org.mirror4j.checkpoint;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.mirror4j.file.AtomicFiles;
import org.mirror4j.file.FileException;

/**
 * The scores in the card of a model, {@code README.md}: all between two comments, which Markdown
 * does not show. What stands around them, of a program or a person, is left as it is.
 */
public final class CardScores {
  private static final String BEGIN =
      "<!-- scores: replaced by the next evaluation that writes them -->";
  private static final String END = "<!-- end of scores -->";

  private final Path file;
  private final String before;
  private final String after;

  private CardScores(Path file, String before, String after) {
    this.file = file;
    this.before = before;
    this.after = after;
  }

  /**
   * Finds the place for scores: where they are, else the end of the card. Changes nothing.
   *
   * @param model directory; one without a card gets one that holds the scores alone
   * @throws FileException if the card cannot be read, is not UTF-8, is a link, as into a cache
   *     whose files others have too, or holds one of the comments without the other or more than
   *     one of each
   */
  public static CardScores in(Path model) {
    Path file = model.resolve("README.md");
    if (Files.isSymbolicLink(file)) {
      throw new FileException(file + ": is a link, expected a file of this model alone");
    }
    String card;
    try {
      card = Files.exists(file) ? Files.readString(file) : "";
    } catch (IOException e) {
      throw FileException.of(file + ": cannot be read", e);
    }
    int begin = card.indexOf(BEGIN);
    int end = card.indexOf(END);
    if (begin < 0 && end < 0) {
      String gap = card.isEmpty() ? "" : card.endsWith("\n") ? "\n" : "\n\n";
      return new CardScores(file, card + gap, "\n");
    }
    if (begin < 0
        || end < begin
        || card.lastIndexOf(BEGIN) > begin
        || card.lastIndexOf(END) > end) {
      throw new FileException(
          "%s: expected %s once and %s once after it, or neither".formatted(file, BEGIN, END));
    }
    return new CardScores(file, card.substring(0, begin), card.substring(end + END.length()));
  }

  /**
   * Writes the card with these scores in place of those that were there.
   *
   * @param scores Markdown, ended by a line feed
   * @throws FileException if writing fails; nothing has changed then
   */
  public void write(String scores) {
    String card = before + BEGIN + "\n## Scores\n\n" + scores + END + after;
    AtomicFiles.writeFile(file, card.getBytes(StandardCharsets.UTF_8));
  }
}
