package org.mirror4j.predict;

import java.util.List;

/**
 * What was predicted for a text.
 *
 * @param text as it was read
 * @param masks in the order of the text
 */
public record FilledText(MaskedText text, List<Mask> masks) {}
