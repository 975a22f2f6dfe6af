const { readFileSync } = require('node:fs');
const path = require('node:path');
const Handlebars = require('handlebars');

// Read when the function starts: it has to be in the artifact.
const template = Handlebars.compile(readFileSync(path.join(__dirname, '../templates/reminder.hbs'), 'utf8'));

exports.handler = async ({ guests }) => guests.map((guest) => template(guest));
