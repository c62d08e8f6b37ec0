package org.mirror4j.text;

import java.util.Optional;

/**
 * Token ids of a template's words where they are the same beside any text, so that they can be put
 * around the ids of a text that was tokenised alone.
 *
 * @param before ids of what stands before the text
 * @param after ids of what stands after it
 */
public record TemplatePieces(int[] before, int[] after) {
  private static final String PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

  /**
   * Those of a template. BERT's tokenizer cuts at blanks and punctuation before anything else: what
   * is parted from the text by these is cut as if it stood alone.
   *
   * @return empty where the text would change them, or they the text
   */
  public static Optional<TemplatePieces> of(Tokenizer tokenizer, Template template) {
    if (template.equals(Template.NONE)) {
      return Optional.of(new TemplatePieces(new int[0], new int[0]));
    }
    String before = template.before();
    String after = template.after();
    boolean apart =
        (before.isEmpty() || parts(before.charAt(before.length() - 1)))
            && (after.isEmpty() || parts(after.charAt(0)));
    if (!apart || !tokenizer.cutsAtPunctuation()) {
      return Optional.empty();
    }
    Template spelled = template.spelled(tokenizer.maskToken());
    return Optional.of(
        new TemplatePieces(
            tokenizer.encodePieces(spelled.before()), tokenizer.encodePieces(spelled.after())));
  }

  private static boolean parts(char c) {
    return c == ' ' || PUNCTUATION.indexOf(c) >= 0;
  }
}
