package org.mirror4j.text.block;

import java.util.ArrayList;
import java.util.List;
import org.mirror4j.text.Tokenizer;

/** {@link BlockKind#STREAM}. */
final class StreamBlocks extends BlockBuilder {
  /** Fewer tokens than this, special tokens apart, are no context to learn from. */
  private static final int SHORTEST = 8;

  private final List<Passage> block = new ArrayList<>();
  private int length;

  StreamBlocks(Tokenizer tokenizer, BlockSettings settings) {
    super(tokenizer, settings, 2);
  }

  @Override
  void add(Passage line) {
    int from = 0;
    while (from < line.length()) {
      int to = Math.min(line.length(), from + target() - length);
      block.add(line.slice(from, to));
      length += to - from;
      from = to;
      if (length == target()) {
        end();
      }
    }
  }

  @Override
  void endDocument() {
    if (length >= Math.min(SHORTEST, target())) {
      end();
    } else {
      leaveOut(length);
      block.clear();
      length = 0;
    }
  }

  private void end() {
    emit(Passage.join(block));
    block.clear();
    length = 0;
  }
}
