package org.mirror4j.text.block;

import java.util.List;

/**
 * What a reader of blocks has found so far.
 *
 * @param spans where annotated spans come from
 * @param documents with at least one token
 * @param blocks of them
 * @param tokens of the blocks, special tokens included
 * @param annotated spans of the documents
 * @param sentencesCut sentences longer than a block, which go on in the next
 * @param tokensLeftOut of documents' ends too short for a block
 * @param pairsWithoutOther pairs for which no other document was at hand, which therefore follow
 *     each other
 * @param lines of the files
 * @param linesCut lines that were cut, and what was behind the limit lost
 * @param maxCharacters where they were cut
 * @param invalidLines lines with bytes that are not UTF-8, replaced by U+FFFD
 * @param firstInvalidLine number of the first of them from 1, 0 if there is none
 * @param notices of files that are not UTF-8 and were decoded, a line each
 */
public record BlockReport(
    SpanSource spans,
    long documents,
    long blocks,
    long tokens,
    long annotated,
    long sentencesCut,
    long tokensLeftOut,
    long pairsWithoutOther,
    long lines,
    long linesCut,
    int maxCharacters,
    long invalidLines,
    long firstInvalidLine,
    List<String> notices) {

  /** One line for people; what is zero is left out. */
  public String summary() {
    StringBuilder text = new StringBuilder();
    text.append(
        "%,d blocks, %,d tokens of %,d documents, %,d lines"
            .formatted(blocks, tokens, documents, lines));
    note(text, annotated, "annotated spans (%s)".formatted(spans.label()));
    note(text, sentencesCut, "sentences longer than a block");
    note(text, tokensLeftOut, "tokens too few for a block");
    note(text, pairsWithoutOther, "pairs without another document");
    note(text, linesCut, "lines cut at %,d characters".formatted(maxCharacters));
    note(text, invalidLines, "lines not UTF-8, the first is line %d".formatted(firstInvalidLine));
    notices.forEach(notice -> text.append("; ").append(notice));
    return text.toString();
  }

  private static void note(StringBuilder text, long count, String what) {
    if (count > 0) {
      text.append("; %s: %,d".formatted(what, count));
    }
  }
}
