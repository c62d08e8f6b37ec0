package org.mirror4j.text.block;

import java.text.BreakIterator;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.mirror4j.text.ItemRandom;
import org.mirror4j.text.Tokenizer;

/**
 * Blocks of a corpus that is in memory as a whole, by the plainest means: lists of tokens, each
 * sentence tokenised by itself, and pairs with an index into the document that goes back, as in the
 * code of Devlin et al. 2019.
 */
final class BlockReference {
  private final Tokenizer tokenizer;
  private final BlockSettings settings;
  private final int limit;
  private final List<List<List<Integer>>> documents = new ArrayList<>();
  private final List<int[]> blocks = new ArrayList<>();

  /** Label of each pair. */
  final List<Integer> labels = new ArrayList<>();

  /** Pairs of which the second segment was drawn, not forced. */
  int drawn;

  BlockReference(Tokenizer tokenizer, BlockSettings settings, List<String> lines) {
    this.tokenizer = tokenizer;
    this.settings = settings;
    limit = settings.maxLength() - (settings.kind() == BlockKind.PAIRS ? 3 : 2);
    documents.add(new ArrayList<>());
    for (String line : lines) {
      if (line.isBlank()) {
        documents.add(new ArrayList<>());
      } else if (settings.kind() == BlockKind.STREAM) {
        documents.getLast().add(tokens(line));
      } else {
        sentences(line).forEach(sentence -> addParts(tokens(sentence)));
      }
    }
    documents.removeIf(List::isEmpty);
  }

  private List<Integer> tokens(String text) {
    return IntStream.of(tokenizer.encodePieces(text)).boxed().toList();
  }

  private void addParts(List<Integer> sentence) {
    for (int from = 0; from < sentence.size(); from += limit) {
      documents.getLast().add(sentence.subList(from, Math.min(from + limit, sentence.size())));
    }
  }

  private static List<String> sentences(String line) {
    List<String> sentences = new ArrayList<>();
    BreakIterator breaks = BreakIterator.getSentenceInstance(Locale.ROOT);
    breaks.setText(line);
    int from = breaks.first();
    for (int to = breaks.next(); to != BreakIterator.DONE; from = to, to = breaks.next()) {
      sentences.add(line.substring(from, to));
    }
    return sentences;
  }

  List<int[]> blocks() {
    for (int document = 0; document < documents.size(); document++) {
      switch (settings.kind()) {
        case STREAM -> stream(documents.get(document));
        case SENTENCES -> sentences(documents.get(document));
        case PAIRS -> pairs(document);
      }
    }
    return blocks;
  }

  /** The numbers of the next block after those of its length. */
  private ItemRandom random() {
    ItemRandom random = new ItemRandom(ItemRandom.Use.BLOCK, settings.seed(), 0, blocks.size());
    target(random);
    return random;
  }

  private int target() {
    return target(new ItemRandom(ItemRandom.Use.BLOCK, settings.seed(), 0, blocks.size()));
  }

  private int target(ItemRandom random) {
    return random.unit() < settings.shortSequences() ? 2 + random.below(limit - 1) : limit;
  }

  private void emit(List<Integer> text) {
    Stream<Integer> ids =
        Stream.of(Stream.of(tokenizer.clsId()), text.stream(), Stream.of(tokenizer.sepId()))
            .flatMap(part -> part);
    blocks.add(ids.mapToInt(id -> id).toArray());
  }

  private void stream(List<List<Integer>> document) {
    List<Integer> left = document.stream().flatMap(List::stream).toList();
    while (left.size() >= Math.min(8, target())) {
      int length = Math.min(left.size(), target());
      emit(left.subList(0, length));
      left = left.subList(length, left.size());
    }
  }

  private void sentences(List<List<Integer>> document) {
    int at = 0;
    while (at < document.size()) {
      List<Integer> text = new ArrayList<>(document.get(at++));
      while (at < document.size() && text.size() + document.get(at).size() <= target()) {
        text.addAll(document.get(at++));
      }
      emit(text);
    }
  }

  private void pairs(int number) {
    List<List<Integer>> document = documents.get(number);
    List<List<Integer>> chunk = new ArrayList<>();
    for (int i = 0; i < document.size(); i++) {
      chunk.add(document.get(i));
      int length = chunk.stream().mapToInt(List::size).sum();
      if (i < document.size() - 1 && length < target()) {
        continue;
      }
      ItemRandom random = random();
      int firsts = chunk.size() == 1 ? 1 : 1 + random.below(chunk.size() - 1);
      List<Integer> first = joined(chunk.subList(0, firsts));
      List<Integer> second = new ArrayList<>();
      boolean elsewhere = chunk.size() == 1 || random.unit() < 0.5;
      drawn += chunk.size() == 1 ? 0 : 1;
      if (elsewhere) {
        int drawnNumber = random.below(documents.size() - 1);
        List<List<Integer>> other =
            documents.get(drawnNumber < number ? drawnNumber : drawnNumber + 1);
        int wanted = target() - first.size();
        for (int s = random.below(other.size()); s < other.size(); s++) {
          second.addAll(other.get(s));
          if (second.size() >= wanted) {
            break;
          }
        }
        i -= chunk.size() - firsts;
      } else {
        second.addAll(joined(chunk.subList(firsts, chunk.size())));
      }
      while (first.size() + second.size() > limit) {
        List<Integer> longer = first.size() > second.size() ? first : second;
        longer.remove(random.below(2) == 0 ? 0 : longer.size() - 1);
      }
      first.add(tokenizer.sepId());
      first.addAll(second);
      emit(first);
      labels.add(elsewhere ? 1 : 0);
      chunk.clear();
    }
  }

  private static List<Integer> joined(List<List<Integer>> sentences) {
    return new ArrayList<>(sentences.stream().flatMap(List::stream).toList());
  }
}
