package org.mirror4j.task.relation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.mirror4j.text.Tokenizer;

/** A tokenizer for letters from a to h, a piece each, brackets, and as many unused pieces. */
final class RelationPieces {
  private RelationPieces() {}

  static Tokenizer withUnused(int count) {
    List<String> pieces = new ArrayList<>(List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"));
    for (char letter = 'a'; letter <= 'h'; letter++) {
      pieces.addAll(List.of("" + letter, "##" + letter));
    }
    pieces.addAll(List.of("(", ")", "[", "]", "{", "}", "-", "l", "##r", "##b", "."));
    // Not in their order at the beginning, where other vocabularies have them.
    for (int i = count; i >= 1; i--) {
      pieces.add("[unused%d]".formatted(i));
    }
    return Tokenizer.wordPiece(List.copyOf(pieces.stream().distinct().toList()), false);
  }

  /** Pieces with blanks between, {@code [unused12]} as {@code u12}. */
  static String spelled(int[] ids, Tokenizer tokenizer) {
    return String.join(" ", Arrays.stream(ids).mapToObj(tokenizer::token).toList())
        .replaceAll("\\[unused(\\d+)]", "u$1");
  }
}
