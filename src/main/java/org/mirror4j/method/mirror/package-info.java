/**
 * Mirror-BERT (Liu et al. 2021): {@link org.mirror4j.method.mirror.MirrorTraining} tunes a model on
 * a corpus. {@link org.mirror4j.method.mirror.MirrorSettings} are the values, {@link
 * org.mirror4j.method.mirror.Recipe} the published ones, a JSON file each; a {@code MirrorPlan} is
 * a run over what was read, a {@code MirrorTask} its steps, and {@link
 * org.mirror4j.method.mirror.MirrorRehearsal} the same steps for measurements. Knows no other
 * method.
 */
package org.mirror4j.method.mirror;
