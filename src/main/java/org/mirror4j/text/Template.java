package org.mirror4j.text;

import java.io.Serializable;
import org.mirror4j.file.FileException;

/**
 * Words around a text that ask a masked language model for it: {@code This sentence : "{}" means
 * [MASK] .}, where {@code {}} is the text (Jiang et al. 2022, PromptBERT). A prompt is a template
 * with nothing after the text.
 *
 * @param before what stands before the text
 * @param after what stands after it
 */
public record Template(String before, String after) implements Serializable {
  /** The text alone. */
  public static final Template NONE = new Template("", "");

  private static final String PLACE = "{}";

  /** How a mask token is written in templates, whatever the tokenizer calls it. */
  private static final String MASK = "[MASK]";

  /**
   * Reads a template.
   *
   * @throws IllegalArgumentException unless it has the place of the text, <code>{}</code>, once
   */
  public static Template of(String template) {
    int place = template.indexOf(PLACE);
    if (place < 0 || template.indexOf(PLACE, place + 1) >= 0) {
      throw new IllegalArgumentException(
          "template is %s, expected {} once, where the text is to stand"
              .formatted(FileException.quote(template)));
    }
    return new Template(template.substring(0, place), template.substring(place + PLACE.length()));
  }

  /** A template with nothing after the text. */
  public static Template prompt(String before) {
    return new Template(before, "");
  }

  /** Whether nothing stands after the text. */
  public boolean isPrompt() {
    return after.isEmpty();
  }

  /** Whether a mask token stands after the text, where none in the text comes after it. */
  public boolean masksAfterText() {
    return after.contains(MASK);
  }

  /** The template with each {@code [MASK]} written as a tokenizer's own mask token. */
  public Template spelled(String maskToken) {
    return new Template(before.replace(MASK, maskToken), after.replace(MASK, maskToken));
  }

  /** The template with a text in its place. */
  public String apply(String text) {
    return before + text + after;
  }

  /** As {@link #of} reads it. */
  @Override
  public String toString() {
    return apply(PLACE);
  }
}
