package org.mirror4j.task.relation;

import static org.mirror4j.file.FileException.quote;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.mirror4j.file.FileException;
import org.mirror4j.text.Tokenizer;
import org.mirror4j.text.block.TokenRange;

/** Sentences as a model reads them, with their entities marked; see {@link EntityMarking}. */
final class SentenceMarker {
  private final EntitySymbols symbols;
  private final Map<String, Integer> ids;
  private final Tokenizer tokenizer;
  private final Map<String, int[]> pieces = new HashMap<>();

  /**
   * A sentence with its marks, not cut.
   *
   * @param ids of all its tokens
   * @param needed as many of them have all that tells of the entities
   */
  record Marked(int[] ids, int needed) {}

  /**
   * A marker.
   *
   * @throws org.mirror4j.file.FileException if the vocabulary lacks what stands for a symbol
   */
  SentenceMarker(EntitySymbols symbols, Tokenizer tokenizer) {
    this.symbols = symbols;
    this.tokenizer = tokenizer;
    ids = symbols.ids(tokenizer);
  }

  /** The symbols of a sentence that are none of those that it is marked with. */
  Stream<String> unknown(RelationExample example) {
    return symbols.marking().takesTypes()
        ? Stream.of(
                EntitySymbols.subject(example.subjectType()),
                EntitySymbols.object(example.objectType()))
            .filter(symbol -> !ids.containsKey(symbol))
        : Stream.empty();
  }

  /**
   * Fails unless all of the entities of a sentence of the shell can be read.
   *
   * @throws IllegalArgumentException saying what was not trained on, or what is too long
   */
  void require(RelationExample example, int maxLength) {
    unknown(example)
        .findFirst()
        .ifPresent(
            symbol -> {
              throw new IllegalArgumentException(
                  "no sentence that was trained on has %s, expected %s"
                      .formatted(quote(symbol), FileException.some(", ", types())));
            });
    int needed = mark(example).needed();
    if (needed > maxLength) {
      throw new IllegalArgumentException(
          "the entities end with token %d, expected %d tokens at most"
              .formatted(needed, maxLength));
    }
  }

  private List<String> types() {
    return symbols.pieces().keySet().stream()
        .filter(symbol -> symbol.contains("="))
        .map(FileException::quote)
        .toList();
  }

  /** Marks a sentence; in place of an unknown symbol stands the unknown piece. */
  Marked mark(RelationExample example) {
    Line line = new Line();
    line.add(tokenizer.clsId());
    if (symbols.marking().keepsText()) {
      around(line, example);
    } else {
      inPlace(line, example);
    }
    line.add(tokenizer.sepId());
    return line.marked();
  }

  private void around(Line line, RelationExample example) {
    TokenRange subject = example.subject();
    TokenRange object = example.object();
    for (int i = 0; i < example.tokens().size(); i++) {
      if (i == subject.from()) {
        line.mark(EntitySymbols.SUBJECT_START);
      }
      if (i == object.from()) {
        line.mark(EntitySymbols.OBJECT_START);
      }
      line.token(example.tokens().get(i));
      if (i == subject.to() - 1) {
        line.mark(EntitySymbols.SUBJECT_END);
      }
      if (i == object.to() - 1) {
        line.mark(EntitySymbols.OBJECT_END);
      }
    }
    if (symbols.marking() == EntityMarking.TEXT_NER) {
      line.add(tokenizer.sepId());
      line.mark(EntitySymbols.subject(example.subjectType()));
      line.add(tokenizer.sepId());
      line.mark(EntitySymbols.object(example.objectType()));
    }
  }

  private void inPlace(Line line, RelationExample example) {
    TokenRange subject = example.subject();
    TokenRange object = example.object();
    for (int i = 0; i < example.tokens().size(); i++) {
      if (i == subject.from()) {
        line.mark(EntitySymbols.subject(example.subjectType()));
      }
      if (i == object.from()) {
        line.mark(EntitySymbols.object(example.objectType()));
      }
      TokenRange token = new TokenRange(i, i + 1);
      if (!subject.contains(token) && !object.contains(token)) {
        line.token(example.tokens().get(i));
      }
    }
    if (symbols.marking() == EntityMarking.NER_TEXT) {
      for (TokenRange entity : List.of(subject, object)) {
        line.add(tokenizer.sepId());
        example.tokens().subList(entity.from(), entity.to()).forEach(line::token);
        line.need();
      }
    }
  }

  /** The blank makes a word of it where tokenizers tell that from a continuation. */
  private int[] pieces(String token) {
    return pieces.computeIfAbsent(
        token, distinct -> tokenizer.encodePieces(" " + bracket(distinct)));
  }

  /** The bracket that a token of the Penn Treebank writes out, else the token. */
  private static String bracket(String token) {
    return switch (token.toLowerCase(Locale.ROOT)) {
      case "-lrb-" -> "(";
      case "-rrb-" -> ")";
      case "-lsb-" -> "[";
      case "-rsb-" -> "]";
      case "-lcb-" -> "{";
      case "-rcb-" -> "}";
      default -> token;
    };
  }

  /** Tokens one after the other. */
  private final class Line {
    private final IntStream.Builder tokens = IntStream.builder();
    private int length;
    private int needed;

    void add(int id) {
      tokens.add(id);
      length++;
    }

    void token(String token) {
      for (int id : pieces(token)) {
        add(id);
      }
    }

    void mark(String symbol) {
      add(ids.getOrDefault(symbol, tokenizer.unknownId()));
      need();
    }

    /** What is there so far tells of an entity. */
    void need() {
      needed = length;
    }

    Marked marked() {
      return new Marked(tokens.build().toArray(), needed);
    }
  }
}
