package org.mirror4j.task.relation;

/**
 * How a model is told which two parts of a sentence are asked for: the ways of SpanBERT's released
 * code (Joshi et al. 2020, section 4.1), of which the paper's is {@link #NER}. Subject s of type S
 * and object o of type T in the sentence {@code a s b o c} become
 *
 * <pre>
 *   text      [CLS] a [SUBJ_START] s [SUBJ_END] b [OBJ_START] o [OBJ_END] c [SEP]
 *   text-ner  [CLS] a [SUBJ_START] s [SUBJ_END] b [OBJ_START] o [OBJ_END] c [SEP] [SUBJ=S] [SEP] [OBJ=T] [SEP]
 *   ner       [CLS] a [SUBJ=S] b [OBJ=T] c [SEP]
 *   ner-text  [CLS] a [SUBJ=S] b [OBJ=T] c [SEP] s [SEP] o [SEP]
 * </pre>
 *
 * of the first token type all. What is too long loses its end, the last {@code [SEP]} among it.
 */
public enum EntityMarking {
  /** Symbols around each entity. */
  TEXT,
  /** A symbol of its type in place of each entity. */
  NER,
  /** {@link #TEXT}, and the types after the sentence. */
  TEXT_NER,
  /** {@link #NER}, and what stood there after the sentence. */
  NER_TEXT;

  /** Whether entities stay where they are. */
  boolean keepsText() {
    return this == TEXT || this == TEXT_NER;
  }

  /** Whether a sentence without types of its entities cannot be marked so. */
  boolean takesTypes() {
    return this != TEXT;
  }
}
