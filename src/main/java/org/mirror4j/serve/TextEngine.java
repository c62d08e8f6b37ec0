package org.mirror4j.serve;

import java.util.List;
import org.mirror4j.EncodedText;

/** Turns texts into vectors; called by one thread at a time. */
@FunctionalInterface
interface TextEngine {
  /** One vector a text, in order. */
  List<EncodedText> embed(List<String> texts);
}
