package org.mirror4j.text.block;

import java.util.ArrayList;
import java.util.List;
import org.mirror4j.text.Tokenizer;

/** {@link BlockKind#SENTENCES}. */
final class SentenceBlocks extends BlockBuilder {
  private final List<Passage> block = new ArrayList<>();
  private int length;

  SentenceBlocks(Tokenizer tokenizer, BlockSettings settings) {
    super(tokenizer, settings, 2);
  }

  @Override
  void add(Passage sentence) {
    for (Passage part : fitting(sentence)) {
      if (length > 0 && length + part.length() > target()) {
        endDocument();
      }
      block.add(part);
      length += part.length();
    }
  }

  @Override
  void endDocument() {
    if (length > 0) {
      emit(Passage.join(block));
      block.clear();
      length = 0;
    }
  }
}
