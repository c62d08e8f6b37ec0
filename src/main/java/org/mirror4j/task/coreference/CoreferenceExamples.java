package org.mirror4j.task.coreference;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.mirror4j.bert.BatchSize;
import org.mirror4j.objective.coreference.DocumentSpans;
import org.mirror4j.objective.coreference.SpanRanking;
import org.mirror4j.task.Examples;
import org.mirror4j.text.ItemRandom;
import org.mirror4j.text.PackedBatch;
import org.mirror4j.text.TokenizedText;
import org.mirror4j.text.Tokenizer;

/**
 * Documents, each an example of several segments. Of one that has more than may be learned from at
 * once each epoch has a window, as many neighbouring segments as that from anywhere in it.
 */
final class CoreferenceExamples implements Examples<DocumentSpans> {
  private final List<CoreferenceDocument> documents;
  private final List<DocumentPieces> pieces;
  private final int maxWidth;
  private final Genres genres;
  private final int maxSegments;

  /** What the windows depend on beside the number of the document. */
  private final long seed;

  private final int epoch;

  /**
   * Tokenizes documents.
   *
   * @param maxLength tokens of a segment
   * @param maxSegments of a window
   */
  CoreferenceExamples(
      List<CoreferenceDocument> documents,
      Tokenizer tokenizer,
      int maxLength,
      CoreferenceSettings settings,
      Genres genres,
      int maxSegments) {
    this(
        documents,
        documents.stream()
            .map(document -> DocumentPieces.of(document, tokenizer, maxLength))
            .toList(),
        settings.maxWidth(),
        genres,
        maxSegments,
        0,
        0);
  }

  private CoreferenceExamples(
      List<CoreferenceDocument> documents,
      List<DocumentPieces> pieces,
      int maxWidth,
      Genres genres,
      int maxSegments,
      long seed,
      int epoch) {
    this.documents = documents;
    this.pieces = pieces;
    this.maxWidth = maxWidth;
    this.genres = genres;
    this.maxSegments = maxSegments;
    this.seed = seed;
    this.epoch = epoch;
  }

  @Override
  public Examples<DocumentSpans> in(long seed, int epoch) {
    return new CoreferenceExamples(documents, pieces, maxWidth, genres, maxSegments, seed, epoch);
  }

  @Override
  public int size() {
    return documents.size();
  }

  /** The documents. */
  List<CoreferenceDocument> documents() {
    return documents;
  }

  /** Gold mentions of all documents, each once however often the file has it. */
  int mentions() {
    return documents.stream()
        .mapToInt(
            document ->
                (int)
                    document.chains().stream()
                        .flatMap(chain -> chain.mentions().stream())
                        .distinct()
                        .count())
        .sum();
  }

  /** How many of these are no candidates and so never found. */
  int missed() {
    return IntStream.range(0, size())
        .map(
            example ->
                CandidateSpans.of(pieces.get(example), maxWidth, documents.get(example).chains())
                    .missed())
        .sum();
  }

  /** The part of a document that the epoch has. */
  private DocumentPieces window(int example) {
    DocumentPieces all = pieces.get(example);
    int more = all.segments().length - maxSegments;
    if (more <= 0) {
      return all;
    }
    int from = new ItemRandom(ItemRandom.Use.DOCUMENT_WINDOW, seed, epoch, example).below(more + 1);
    return all.window(from, from + maxSegments);
  }

  @Override
  public TokenizedText text(int example) {
    int[] ids = Arrays.stream(window(example).segments()).flatMapToInt(Arrays::stream).toArray();
    int[] none = new int[ids.length];
    return new TokenizedText(ids, none, none, none, none);
  }

  @Override
  public int[] segments(int example, TokenizedText text) {
    return lengths(window(example).segments());
  }

  private static int[] lengths(int[][] segments) {
    return Arrays.stream(segments).mapToInt(segment -> segment.length).toArray();
  }

  @Override
  public Optional<BatchSize> alone() {
    int tokens = 0;
    int segments = 0;
    for (DocumentPieces document : pieces) {
      int[] lengths = lengths(document.segments());
      int most = Math.min(maxSegments, lengths.length);
      segments = Math.max(segments, most);
      for (int from = 0; from + most <= lengths.length; from++) {
        tokens = Math.max(tokens, Arrays.stream(lengths, from, from + most).sum());
      }
    }
    return Optional.of(new BatchSize(tokens, segments));
  }

  @Override
  public DocumentSpans targets(int[] examples, PackedBatch packed) {
    return spans(examples[0]);
  }

  @Override
  public Optional<DocumentSpans> inputs(int[] examples, PackedBatch packed) {
    return Optional.of(targets(examples, packed));
  }

  /** What is known of the part of a document that the epoch has. */
  private DocumentSpans spans(int example) {
    DocumentPieces window = window(example);
    CoreferenceDocument document = documents.get(example);
    CandidateSpans candidates = CandidateSpans.of(window, maxWidth, document.chains());
    return new DocumentSpans(
        candidates.starts(),
        candidates.ends(),
        candidates.clusters(),
        window.segmentOfRow(),
        window.speakerOfRow(),
        genres.number(document));
  }

  /**
   * The chains that follow from what a network says.
   *
   * @param decisions as {@link SpanRanking#logits} has them
   */
  List<Chain> chains(int example, float[] decisions) {
    DocumentPieces window = window(example);
    CandidateSpans candidates = CandidateSpans.of(window, maxWidth, List.of());
    int fields = SpanRanking.FIELDS;
    int[] starts = new int[decisions.length / fields];
    int[] ends = new int[starts.length];
    int[] antecedents = new int[starts.length];
    for (int span = 0; span < starts.length; span++) {
      int candidate = (int) decisions[fields * span];
      starts[span] = candidates.starts()[candidate];
      ends[span] = candidates.ends()[candidate];
      antecedents[span] = (int) decisions[fields * span + 1];
    }
    return Antecedents.chains(Antecedents.mentions(window, starts, ends), antecedents);
  }

  /** A document is one loss, the sum over its spans. */
  @Override
  public int predictions(int example) {
    return 1;
  }
}
