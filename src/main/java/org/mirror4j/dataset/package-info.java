/**
 * The data sets that encoders are measured on: which there are and where they are published ({@link
 * org.mirror4j.dataset.Catalogue}), and how the forms in which people have them become the layout
 * that the tasks of {@link org.mirror4j.eval} read ({@link org.mirror4j.dataset.DataImport}).
 */
package org.mirror4j.dataset;
