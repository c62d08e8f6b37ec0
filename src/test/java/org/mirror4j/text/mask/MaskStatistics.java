package org.mirror4j.text.mask;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.Random;
import java.util.TreeSet;
import org.mirror4j.text.ItemRandom;
import org.mirror4j.text.block.TokenBlock;
import org.mirror4j.text.block.TokenRange;

/**
 * What {@link BlockMasking} does to many random blocks: of one segment or two, some of them
 * annotated, of 1 to 128 tokens and now and then 510. What is chosen is held against {@link
 * #reference}, which keeps sets and lists of words as the released code does.
 */
final class MaskStatistics {
  static final int UNK = 1, CLS = 2, SEP = 3, MASK = 4, FIRST = 5, VOCABULARY = 60;

  /** Ids from here on continue a word. */
  static final int CONTINUATION = 40;

  /** Stands for another token, and is in no block, so that what was replaced is certain. */
  static final int STRANGER = VOCABULARY;

  /** How likely a length of {@link SpanLengths#SPANBERT} is, 1 to 10. */
  static double probability(int length) {
    return 0.2 * Math.pow(0.8, length - 1) / (1 - Math.pow(0.8, 10));
  }

  private final MaskScheme scheme;
  long blocks;
  long segments;
  long tokens;
  long chosen;
  long spans;
  long boundedSpans;

  /** By {@link Kind}. */
  final long[] spanKinds = new long[Kind.values().length];

  final long[] tokenKinds = new long[Kind.values().length];

  /** Drawn lengths of geometric spans. */
  final long[] drawnLengths = new long[11];

  /** Draws of annotated spans and of geometric ones, of blocks that have both. */
  final long[] draws = new long[2];

  long otherThanReference;
  long wrongBudgets;
  long wrongStarts;
  long maskedBoundaries;
  long specialChosen;
  long boundariesAtEnds;

  /** What became of a token or a span. */
  enum Kind {
    MASKED,
    REPLACED,
    LEFT,
    MIXED
  }

  private MaskStatistics(MaskScheme scheme) {
    this.scheme = scheme;
  }

  static BlockMasking masking(MaskSettings settings, int replacement) {
    long[] counts = new long[VOCABULARY + 1];
    counts[replacement] = 1;
    return masking(settings, TokenDistribution.of(counts));
  }

  static BlockMasking masking(MaskSettings settings, TokenDistribution replacements) {
    return new BlockMasking(
        settings, id -> id >= CONTINUATION, MaskStatistics::isSpecial, MASK, replacements);
  }

  static boolean isSpecial(int id) {
    return id < FIRST && id != UNK;
  }

  static MaskStatistics of(MaskScheme scheme, int blocks, long seed) {
    MaskStatistics statistics = new MaskStatistics(scheme);
    BlockMasking masking = masking(MaskSettings.of(scheme), STRANGER);
    Random texts = new Random(seed);
    for (int number = 0; number < blocks; number++) {
      TokenBlock block = block(texts, number);
      statistics.add(masking.apply(block, seed, 1), seed);
    }
    return statistics;
  }

  private static TokenBlock block(Random texts, int number) {
    int tokens = number % 64 == 0 ? 510 : 1 + texts.nextInt(128);
    boolean pair = texts.nextInt(4) == 0;
    int second = pair ? 1 + texts.nextInt(64) : 0;
    int[] ids = new int[tokens + 2 + (pair ? second + 1 : 0)];
    Arrays.setAll(ids, i -> FIRST + texts.nextInt(VOCABULARY - FIRST));
    ids[0] = CLS;
    ids[tokens + 1] = SEP;
    ids[ids.length - 1] = SEP;
    List<TokenRange> segments = new ArrayList<>(List.of(new TokenRange(1, tokens + 1)));
    if (pair) {
      segments.add(new TokenRange(tokens + 2, tokens + 2 + second));
    }
    List<TokenRange> annotated = new ArrayList<>();
    if (texts.nextBoolean()) {
      for (TokenRange segment : segments) {
        for (int at = segment.from() + texts.nextInt(5); at < segment.to(); ) {
          int to = Math.min(at + 1 + texts.nextInt(4), segment.to());
          annotated.add(new TokenRange(at, to));
          at = to + texts.nextInt(20);
        }
      }
    }
    return new TokenBlock(number, ids, new int[0], segments, annotated, OptionalInt.empty());
  }

  private void add(MaskedTokens masked, long seed) {
    TokenBlock block = masked.block();
    blocks++;
    BitSet set = new BitSet();
    Arrays.stream(masked.positions()).forEach(set::set);
    otherThanReference += reference(block, seed).equals(set) ? 0 : 1;
    for (TokenRange segment : block.segments()) {
      int count = set.get(segment.from(), segment.to()).cardinality();
      segments++;
      tokens += segment.length();
      chosen += count;
      // ceil(0.15 n) in whole numbers.
      wrongBudgets += count == (15 * segment.length() + 99) / 100 ? 0 : 1;
    }
    for (int position : masked.positions()) {
      specialChosen += isSpecial(block.ids()[position]) ? 1 : 0;
      tokenKinds[kind(masked, new TokenRange(position, position + 1)).ordinal()]++;
    }
    for (TokenRange span : masked.spans()) {
      spans++;
      spanKinds[kind(masked, span).ordinal()]++;
      boolean atStart = block.segments().stream().anyMatch(s -> s.from() == span.from());
      boolean annotated = block.spans().stream().anyMatch(s -> s.from() == span.from());
      wrongStarts += atStart || annotated || block.ids()[span.from()] < CONTINUATION ? 0 : 1;
      maskedBoundaries += isHidden(masked, set, span.from() - 1) ? 1 : 0;
      maskedBoundaries += isHidden(masked, set, span.to()) ? 1 : 0;
    }
    for (TokenRange span : masked.boundedSpans()) {
      boundedSpans++;
      boundariesAtEnds += isSpecial(block.ids()[span.from() - 1]) ? 1 : 0;
      boundariesAtEnds += isSpecial(block.ids()[span.to()]) ? 1 : 0;
    }
  }

  private static boolean isHidden(MaskedTokens masked, BitSet set, int at) {
    return set.get(at) || masked.ids()[at] != masked.block().ids()[at];
  }

  static Kind kind(MaskedTokens masked, TokenRange span) {
    Kind kind = null;
    for (int at = span.from(); at < span.to(); at++) {
      int id = masked.ids()[at];
      Kind of =
          id == MASK ? Kind.MASKED : id == masked.block().ids()[at] ? Kind.LEFT : Kind.REPLACED;
      kind = kind == null || kind == of ? of : Kind.MIXED;
    }
    return kind;
  }

  /** What is chosen of a block without special tokens in its text, from the same draws. */
  private BitSet reference(TokenBlock block, long seed) {
    ItemRandom random = new ItemRandom(ItemRandom.Use.MASKED_BLOCK, seed, 1, block.number());
    BitSet all = new BitSet();
    for (TokenRange segment : block.segments()) {
      TreeSet<Integer> mask = new TreeSet<>();
      List<List<Integer>> words = new ArrayList<>();
      for (int at = segment.from(); at < segment.to(); at++) {
        if (at == segment.from() || block.ids()[at] < CONTINUATION) {
          words.add(new ArrayList<>());
        }
        words.getLast().add(at);
      }
      int budget = (15 * segment.length() + 99) / 100;
      switch (scheme) {
        case TOKENS -> {
          List<List<Integer>> tokens = new ArrayList<>();
          words.forEach(word -> word.forEach(at -> tokens.add(List.of(at))));
          units(tokens, mask, budget, random);
        }
        case WORDS -> units(words, mask, budget, random);
        default -> spans(block, segment, words, mask, budget, random);
      }
      mask.forEach(all::set);
    }
    return all;
  }

  private static void units(
      List<List<Integer>> units, TreeSet<Integer> mask, int budget, ItemRandom random) {
    List<List<Integer>> pot = new ArrayList<>(units);
    while (mask.size() < budget) {
      int drawn = random.below(pot.size());
      for (int at : pot.get(drawn)) {
        if (mask.size() < budget) {
          mask.add(at);
        }
      }
      // The first of those left takes the place of the drawn one, which is gone.
      pot.set(drawn, pot.getFirst());
      pot.removeFirst();
    }
  }

  private void spans(
      TokenBlock block,
      TokenRange segment,
      List<List<Integer>> words,
      TreeSet<Integer> mask,
      int budget,
      ItemRandom random) {
    List<TokenRange> annotated =
        scheme == MaskScheme.SPANS
            ? List.of()
            : block.spans().stream()
                .filter(s -> s.from() >= segment.from() && s.to() <= segment.to())
                .toList();
    while (mask.size() < budget) {
      if (!annotated.isEmpty()) {
        boolean annotation = random.below(2) == 0;
        draws[annotation ? 0 : 1]++;
        if (annotation) {
          TokenRange span = annotated.get(random.below(annotated.size()));
          for (int at = span.from(); at < span.to() && mask.size() < budget; at++) {
            mask.add(at);
          }
          continue;
        }
      }
      int length = SpanLengths.SPANBERT.draw(random);
      drawnLengths[length]++;
      int anchor = segment.from() + random.below(segment.length());
      if (mask.contains(anchor)) {
        continue;
      }
      int word = 0;
      while (!words.get(word).contains(anchor)) {
        word++;
      }
      words.subList(word, Math.min(word + length, words.size())).stream()
          .flatMap(List::stream)
          .forEach(
              at -> {
                if (mask.size() < budget) {
                  mask.add(at);
                }
              });
    }
  }

  /** Prints the numbers of a million blocks of each scheme, or of as many as the argument says. */
  public static void main(String[] arguments) {
    int blocks = arguments.length == 0 ? 1_000_000 : Integer.parseInt(arguments[0]);
    for (MaskScheme scheme : MaskScheme.values()) {
      MaskStatistics s = of(scheme, blocks, 8);
      double spansTotal = s.spans;
      double tokensTotal = s.chosen;
      double lengths = Arrays.stream(s.drawnLengths).sum();
      System.out.printf(
          Locale.ROOT,
          "%s: %,d blocks, %,d segments, %,d tokens, %,d chosen, %,d spans, %,d bounded%n  other"
              + " than the reference %d, wrong budgets %d, wrong starts %d, masked boundaries %d,"
              + " special chosen %d, boundaries at ends %d%n  spans %s%n  tokens %s%n  lengths %s%n"
              + "  annotated and geometric draws %s%n",
          scheme,
          s.blocks,
          s.segments,
          s.tokens,
          s.chosen,
          s.spans,
          s.boundedSpans,
          s.otherThanReference,
          s.wrongBudgets,
          s.wrongStarts,
          s.maskedBoundaries,
          s.specialChosen,
          s.boundariesAtEnds,
          shares(s.spanKinds, spansTotal),
          shares(s.tokenKinds, tokensTotal),
          shares(s.drawnLengths, lengths),
          Arrays.toString(s.draws));
    }
  }

  private static List<String> shares(long[] counts, double total) {
    return Arrays.stream(counts)
        .mapToObj(count -> String.format(Locale.ROOT, "%.5f", count / total))
        .toList();
  }
}
